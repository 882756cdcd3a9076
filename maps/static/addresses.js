// How is the answer for a written address shown: found, in doubt, contradicted, or unknown?
"use strict";

(function () {
  const { t, el } = wangge;

  const banner = (kind, icon, title, ...lines) => el("div", { class: "banner " + kind },
    el("p", { class: "verdict" }, el("span", { "aria-hidden": "true" }, icon), " ", title),
    ...lines.filter(Boolean).map((line) => el("p", {}, line)));

  const finestOf = (grids) => grids[grids.length - 1];
  const gridLine = (grids) => {
    const grid = finestOf(grids);
    return grid ? t("{name} ({code})", { name: grid.name, code: grid.code }) : t("in no grid of this plan");
  };

  wangge.tellTips = () => el("div", { class: "tips" },
    el("h2", {}, t("What to try next")),
    el("ul", {}, ...[
      t("Write the road with its house number, or the estate with its building number."),
      t("Leave out names, telephone numbers and remarks."),
      t("Try the earlier or the everyday name of the place."),
      t("Click the place on the map."),
    ].map((tip) => el("li", {}, tip))));

  const factsOf = ({ address, point, revision, grids }) => [
    [t("Address as written"), address.given],
    address.standard ? [t("Standard address"), address.standard] : null,
    ...wangge.linesOf(grids, null),
    address.standard ? [t("Certainty"), wangge.tellConfidence(address.confidence)] : null,
    wangge.tellProvider(address.provider),
    point ? wangge.tellPoint(point) : null,
    [t("Revision of the grids"), wangge.tellRevision(revision)],
  ];
  const foot = ({ address, point, revision }) => wangge.tellFacts(revision, [
    [t("Address as written"), address.given], wangge.tellProvider(address.provider), ...(point ? [wangge.tellPoint(point)] : []),
  ]);

  const tellFound = (found) => {
    const { address, grids, border } = found;
    const doubts = wangge.contradictionsOf(address.reasons).map(wangge.tellContradiction);
    const sure = t("Certainty: {words}", { words: wangge.tellConfidence(address.confidence) });
    return [
      found.status === "outside" || !grids.length
        ? banner("warn", "!", t("The address is known, but lies in no grid of this plan."), address.standard, ...doubts)
        : doubts.length ? banner("bad", "✕", t("The address contradicts itself"), ...doubts)
          : banner("good", "✓", t("Address found"), el("strong", {}, address.standard || address.given), sure),
      ...(grids.length ? wangge.tellGrids(grids) : []),
      wangge.tellBorder(border),
      wangge.tellReasons(address.reasons),
      ...foot(found),
      wangge.tellActions(factsOf(found)),
    ];
  };

  const tellCandidate = ({ address, revision }, { standard, confidence, point, grids, reasons }) => [
    ...(grids.length ? [wangge.listLevels(grids)] : []),
    wangge.tellReasons(reasons),
    wangge.tellActions(factsOf({ address: { ...address, standard, confidence }, point, revision, grids })),
  ];

  // The server names no more than so many.
  const MOST_CANDIDATES = 10;
  const tellSeveral = (n) => (n < MOST_CANDIDATES ? t("{n} places fit these words. Which one is meant?", { n })
    : t("{n} places or more fit these words. Choose one, or write the address in full.", { n }));
  // What all candidates have in common steps back; a number is not cut in two.
  const sharedStart = (texts) => {
    if (texts.length < 2) return 0;
    let n = 0;
    while (n < texts[0].length && texts.every((text) => text[n] === texts[0][n])) n++;
    return texts[0].slice(0, n).replace(/[0-9A-Za-z]+$/, "").length;
  };

  const tellDoubt = (found, onChoose) => {
    const { address } = found;
    const told = address.reasons.length ? address.reasons : address.candidates.length ? address.candidates[0].reasons : [];
    const doubts = wangge.contradictionsOf(told);
    const shared = sharedStart(address.candidates.map(({ standard }) => standard));
    const list = address.candidates.length ? new wangge.Candidates(
      t("Possible addresses"),
      address.candidates.map((candidate) => ({
        title: [el("span", { class: "shared" }, candidate.standard.slice(0, shared)), candidate.standard.slice(shared)],
        lines: [gridLine(candidate.grids), t("Certainty: {words}", { words: wangge.tellConfidence(candidate.confidence) })],
        detail: () => tellCandidate(found, candidate),
      })), onChoose) : null;
    const several = tellSeveral(address.candidates.length);
    const one = t("One place comes near. Is it the one that is meant?");
    const ask = !list ? "" : address.candidates.length > 1 ? several : one;
    const head = doubts.length
      ? banner("bad", "✕", t("The address contradicts itself"), ...doubts.map(wangge.tellContradiction), t("Ask again before passing it on."))
      : banner("warn", "?", t("The address is not clear"), ask, tellHint(found.hint));
    return { list, nodes: [
      head,
      doubts.length && ask ? el("p", { class: "hint" }, ask) : null,
      list && list.element,
      wangge.tellReasons(address.reasons),
      list ? null : wangge.tellTips(),
      ...foot(found),
    ] };
  };

  // What the server says in English about a question; other words are shown as they came.
  const HINTS = {
    "this plan has no addresses yet; import some, or give lon and lat": t("The address book of this plan is empty. Until addresses are imported, look up coordinates or click on the map."),
    "the provider knows a road or an area of that name, and no house; say more": t("The map service knows a road or an area of this name, but no house. Add the house number."),
  };
  const tellHint = (hint) => (hint ? el("span", HINTS[hint] ? {} : { lang: "en" }, HINTS[hint] || hint) : null);

  const tellUnknown = (found) => [
    banner("warn", "!", t("This address is not in the address book"), t("Not found: {text}", { text: found.address.given }), tellHint(found.hint)),
    wangge.tellTips(),
    wangge.tellReasons(found.address.reasons),
    ...foot(found),
  ];

  // Returns the nodes of the answer and, where one has to choose, the list.
  wangge.tellAddress = (found, onChoose) => {
    if (found.status === "ambiguous") return tellDoubt(found, onChoose);
    return { list: null, nodes: found.status === "unknown" ? tellUnknown(found) : tellFound(found) };
  };

  // The answer in one sentence, for who listens to the page.
  wangge.sayAnswer = (found) => {
    const grid = finestOf(found.grids);
    if (found.address && found.status === "ambiguous") {
      const told = [...found.address.reasons, ...found.address.candidates.flatMap(({ reasons }) => reasons)];
      return wangge.contradictionsOf(told).length ? t("The address contradicts itself")
        : tellSeveral(found.address.candidates.length);
    }
    if (found.status === "unknown") return t("This address is not in the address book");
    if (found.status === "near") return t("The place lies in no grid; {name} is near.", { name: grid.name });
    if (found.status === "outside" || !grid) return t("No grid of this plan covers the place.");
    return t("Found: {name}, code {code}.", { name: grid.name, code: grid.code });
  };
})();
