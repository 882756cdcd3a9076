// How does an answer name the grids of a place, its borders, its doubts and its revision?
"use strict";

(function () {
  const { data, t, el, number } = wangge;
  const COPIED_MS = 1600;

  const metres = (m) => (m < 100 ? m.toFixed(1) : number(m, 0));
  const way = (m) => (m < 1000 ? t("{m} m", { m: metres(m) }) : t("{km} km", { km: number(m / 1000, 1) }));
  const names = new Map(data.grids.map(([code, name]) => [code, name]));
  const nameOf = (code) => (names.get(code) ? t("{name} ({code})", { name: names.get(code), code }) : code);
  const levelOf = ({ level }) => data.levelNames[level] || level;
  const stated = (label, value) => t("{label}: {value}", { label, value });

  // Without https a browser has no clipboard for scripts; what is selected it copies all the same.
  const writeClipboard = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = el("textarea", { class: "offscreen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("not copied");
  };
  wangge.copyButton = (label, text, spoken) => {
    const button = el("button", { type: "button", class: "copy", "aria-label": spoken || null, onclick: async () => {
      const worked = await writeClipboard(typeof text === "function" ? text() : text).then(() => true, () => false);
      button.textContent = worked ? t("Copied") : t("Not copied");
      button.classList.toggle("done", worked);
      button.focus({ preventScroll: true });
      setTimeout(() => { button.textContent = label; button.classList.remove("done"); }, COPIED_MS);
    } }, label);
    return button;
  };

  wangge.tellGrids = (grids) => {
    const chosen = grids[grids.length - 1];
    return [
      el("h2", { class: "found" }, chosen.name || chosen.code),
      el("p", { class: "code" }, el("span", {}, levelOf(chosen)), el("strong", {}, chosen.code), wangge.copyButton(t("Copy"), chosen.code, t("Copy the code {code}", { code: chosen.code }))),
      grids.length > 1 ? wangge.listLevels(grids.slice(0, -1)) : null,
    ];
  };
  wangge.listLevels = (grids) => el("table", { class: "levels" }, el("tbody", {}, ...grids.map((grid) => el("tr", {},
    el("th", { scope: "row" }, levelOf(grid)),
    el("td", {}, grid.name, el("small", {}, grid.code)),
    el("td", { class: "act" }, wangge.copyButton(t("Copy"), grid.code, t("Copy the code {code}", { code: grid.code })))))));

  wangge.tellBorder = (border) => {
    if (!border) return null;
    const { distance_m, neighbour, on_border } = border, m = metres(distance_m);
    if (on_border) {
      return el("p", { class: "note warn" }, t("The place lies exactly on a border; it belongs to the grid with the lowest code."),
        neighbour ? el("span", { class: "line-below" }, t("On the other side: {neighbour}.", { neighbour: nameOf(neighbour) })) : null);
    }
    return el("p", { class: "note" }, neighbour
      ? t("{m} m to the nearest border; across it lies {neighbour}.", { m, neighbour: nameOf(neighbour) })
      : t("{m} m to the nearest border, the outer limit of the plan.", { m }));
  };

  // How much of the circle in which the place may be lies in which grid.
  wangge.tellAccuracy = (accuracy) => {
    if (!accuracy) return null;
    const rows = [...accuracy.grids.map((grid) => ({ name: grid.name || grid.code, code: grid.code, share: grid.share }))];
    if (accuracy.outside > 0) rows.push({ name: t("outside the plan"), code: "", share: accuracy.outside });
    const percent = (share) => (share > 0 && share < 0.01 ? "< 1 %" : number(100 * share, 0) + " %");
    return el("table", { class: "shares" },
      el("caption", {}, t("Where the place may lie, at ± {m} m", { m: number(accuracy.radius_m, 0) })),
      el("tbody", {}, ...rows.map(({ name, code, share }) => el("tr", {},
        el("th", { scope: "row" }, name, code ? el("small", {}, code) : null),
        el("td", {}, el("span", { class: "bar", "aria-hidden": "true" }, el("i", { style: { width: `${100 * Math.min(1, share)}%` } }))),
        el("td", { class: "figure" }, percent(share))))));
  };

  const writeMoment = (text) => new Intl.DateTimeFormat("sv-SE", { timeZone: data.zone, dateStyle: "short", timeStyle: "short" })
    .format(new Date(text)).replace(" 00:00", "");
  wangge.tellRevision = ({ id, effective_from, effective_to }) => {
    const begin = effective_from && writeMoment(effective_from), end = effective_to && writeMoment(effective_to);
    if (begin && end) return t("No. {id}, in force {begin} until before {end}", { id, begin, end });
    if (begin) return t("No. {id}, in force since {begin}", { id, begin });
    return end ? t("No. {id}, in force until before {end}", { id, end }) : t("No. {id}, in force without limit", { id });
  };
  wangge.tellFacts = (revision, facts) => {
    const all = [...facts, ...(revision ? [[t("Revision of the grids"), wangge.tellRevision(revision)]] : [])];
    return [
      el("dl", { class: "facts" }, ...all.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)])),
      revision && revision.id !== data.revision
        ? el("p", { class: "hint" }, t("The map shows the borders in force today; the answer is from the revision above.")) : null,
    ];
  };
  wangge.tellPoint = (point) => [t("Coordinates"), `${point.lon.toFixed(6)}, ${point.lat.toFixed(6)} (CGCS2000)`];

  // For a ticket or a message: the whole answer as lines of text, or the link to it.
  wangge.tellActions = (lines) => el("p", { class: "actions" },
    wangge.copyButton(t("Copy the answer"), () => lines.filter(Boolean).map(([label, value]) => stated(label, value)).join("\n")),
    wangge.copyButton(t("Copy the link"), () => location.href));
  wangge.linesOf = (grids, revision) => [
    ...grids.map((grid) => [levelOf(grid), t("{name} ({code})", { name: grid.name, code: grid.code })]),
    revision ? [t("Revision of the grids"), wangge.tellRevision(revision)] : null,
  ];

  // Maps of Amap, Tencent and Baidu are shifted by some hundred metres.
  const SHIFT_M = 1500, UNSHIFTED = ["wgs84", "cgcs2000"];
  const tellAbsence = (found, limit_m, crs) => {
    if (found.status === "near") {
      const near = found.grids[found.grids.length - 1];
      const m = found.border ? metres(found.border.distance_m) : "";
      return el("p", { class: "note warn" }, t("The place lies in no grid. The nearest grid, {name}, is {m} m away.", { name: near.name || near.code, m }));
    }
    return el("p", { class: "note warn" }, t("No grid of this plan covers the place."),
      limit_m === null ? null : el("span", { class: "line-below" }, limit_m < SHIFT_M && UNSHIFTED.includes(crs)
        ? t("It lies {way} outside the plan's outer limit. For a position from Amap, Tencent or Baidu choose their coordinate system.", { way: way(limit_m) })
        : t("It lies {way} outside the plan's outer limit. Are the coordinates and their system right?", { way: way(limit_m) })));
  };
  // The answer for coordinates; `limit_m` is the way to the plan from a place outside it.
  wangge.tellPlace = (found, limit_m, crs) => [
    found.status === "inside" ? null : tellAbsence(found, limit_m, crs),
    ...(found.grids.length ? wangge.tellGrids(found.grids) : []),
    found.status === "inside" ? wangge.tellBorder(found.border) : null,
    wangge.tellAccuracy(found.accuracy),
    ...wangge.tellFacts(found.revision, [wangge.tellPoint(found.point)]),
    wangge.tellActions([wangge.tellPoint(found.point), ...wangge.linesOf(found.grids, found.revision)]),
  ];
})();
