// What did the address book make of each part of a written address, and how sure is the answer?
"use strict";

(function () {
  const { t, el, number } = wangge;
  const ICONS = { matched: "✓", alias: "≈", typo: "~", contradicted: "✕", missing: "○", unchecked: "?", ignored: "–" };
  const PARTS = {
    province: t("Province"), city: t("City"), county: t("District or county"), subdistrict: t("Subdistrict"),
    community: t("Community"), road: t("Road"), lane: t("Lane"), number: t("House number"), estate: t("Estate"),
    building: t("Building"), unit: t("Entrance"), floor: t("Floor"), room: t("Room"), place: t("Place"), noise: t("Other words"),
  };
  const PROVIDERS = { gazetteer: t("the address book"), tianditu: t("Tianditu"), amap: t("Amap"), baidu: t("Baidu Maps") };
  const isEnglish = document.documentElement.lang === "en";

  const partOf = (part) => PARTS[part] || part;
  wangge.tellProvider = (provider) => [t("Source of the address"), PROVIDERS[provider] || provider];

  wangge.tellConfidence = (confidence) => {
    const words = confidence >= 0.95 ? t("very sure") : confidence >= 0.8 ? t("fairly sure") : confidence >= 0.5 ? t("not sure") : t("a guess");
    return t("{words} ({percent} %)", { words, percent: number(100 * confidence, 0) });
  };

  const wordOf = ({ verdict, given }) => {
    if (verdict === "missing") return given ? t("not in the book") : t("not written");
    return { matched: t("matched"), alias: t("other name"), typo: t("typo"), contradicted: t("contradicts"),
      unchecked: t("not checked"), ignored: t("left out") }[verdict] || verdict;
  };
  // Since when and until when another name was in use stands in the note.
  const spanOf = ({ verdict, note }) => {
    if (verdict !== "alias") return "";
    const [begin, end] = ["from", "until"].map((word) => (new RegExp(`\\b${word} (\\d{4}-\\d\\d-\\d\\d)`).exec(note || "") || [])[1]);
    if (begin && end) return t("in use {begin} until before {end}", { begin, end });
    if (begin) return t("in use since {begin}", { begin });
    return end ? t("in use until before {end}", { end }) : "";
  };

  // What contradicts stands first, what was not written last; else the parts keep their order.
  const weigh = ({ verdict, given }) => (verdict === "contradicted" ? 0 : given ? 1 : 2);

  // One row for each part: what was written, what the book says, and the verdict as sign and word.
  wangge.tellReasons = (reasons) => {
    if (!reasons.length) return null;
    const row = (reason) => {
      const known = ICONS[reason.verdict] ? reason.verdict : "unchecked";
      // The notes are in English; they say more than the verdict where the two sides differ.
      const below = isEnglish && ["alias", "typo", "contradicted"].includes(known) ? reason.note : spanOf(reason);
      return el("tr", { class: "is-" + known },
        el("th", { scope: "row" }, partOf(reason.part)),
        el("td", {}, reason.given || "—"),
        el("td", {}, reason.standard || "—"),
        el("td", {}, el("span", { class: "verdict" }, el("span", { "aria-hidden": "true" }, ICONS[known]), " ", wordOf(reason)), below ? el("small", {}, below) : null));
    };
    return el("table", { class: "reasons" },
      el("caption", {}, t("How the address was read")),
      el("thead", {}, el("tr", {}, ...[t("Part"), t("You wrote"), t("Address book"), t("Verdict")].map((label) => el("th", { scope: "col" }, label)))),
      el("tbody", {}, ...[...reasons].sort((a, b) => weigh(a) - weigh(b)).map(row)));
  };

  wangge.contradictionsOf = (reasons) => reasons.filter(({ verdict }) => verdict === "contradicted");
  // A contradiction in a sentence that can be read out on the telephone.
  wangge.tellContradiction = ({ part, given, standard, note }) => {
    const [, place, right, wrong] = /^(.+) lies in (.+), not in (.+)$/s.exec(note || "") || [];
    if (place && right === standard && wrong === given) return t("{place} lies in {standard}, not in {given} as you wrote.", { place, standard, given });
    return standard ? t("{part}: you wrote {given}, but by the address book it is {standard}.", { part: partOf(part), given: given || "—", standard })
      : t("{part}: {given} does not fit the rest of the address.", { part: partOf(part), given: given || "—" });
  };
})();
