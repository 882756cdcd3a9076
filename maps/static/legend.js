// Which colour stands for which figures? Classes with readable borders; the darkest is kept for the
// highest twentieth, the others hold about equally many areas.
"use strict";

(function () {
  const READABLE = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

  const readable = (value, isWhole) => {
    const power = 10 ** Math.floor(Math.log10(value));
    const near = READABLE.reduce((best, digit) =>
      Math.abs(digit * power - value) < Math.abs(best * power - value) ? digit : best);
    const rounded = Number((near * power).toPrecision(3));
    return isWhole ? Math.max(1, Math.round(rounded)) : rounded;
  };

  // Lower bounds of the classes above zero, ascending; at most `most` of them.
  wangge.classBounds = (values, most, isWhole) => {
    const positive = values.filter((value) => value > 0).sort((a, b) => a - b);
    if (!positive.length) return [];
    const lowest = isWhole ? 1 : 0;
    const bounds = [lowest];
    const distinct = new Set(positive).size;
    const classes = Math.min(most, distinct);
    for (let i = 1; i < classes; i++) {
      const share = classes < 4 ? i / classes : i === classes - 1 ? 0.95 : i / (classes - 1);
      const bound = readable(positive[Math.min(positive.length - 1, Math.floor(positive.length * share))], isWhole);
      const above = positive.some((value) => value >= bound);
      const between = positive.some((value) => value >= bounds[bounds.length - 1] && value < bound);
      if (above && between && bound > bounds[bounds.length - 1]) bounds.push(bound);
    }
    return bounds;
  };

  wangge.classOf = (value, bounds) => {
    let at = -1;
    bounds.forEach((bound, i) => { if (value >= bound && (value > 0 || bound > 0)) at = i; });
    return at;
  };

  wangge.classLabel = (bounds, i, isWhole) => {
    const format = isWhole ? (v) => wangge.number(v, 0) : wangge.readable;
    const last = i === bounds.length - 1;
    if (isWhole) {
      if (last) return bounds[i] === 1 && bounds.length === 1 ? wangge.t("1 or more") : wangge.t("{low} and more", { low: format(bounds[i]) });
      const high = bounds[i + 1] - 1;
      return high === bounds[i] ? format(high) : `${format(bounds[i])} – ${format(high)}`;
    }
    if (last) return bounds[i] === 0 ? wangge.t("more than 0") : wangge.t("{low} and more", { low: format(bounds[i]) });
    return bounds[i] === 0 ? wangge.t("below {high}", { high: format(bounds[1]) }) : `${format(bounds[i])} – ${format(bounds[i + 1])}`;
  };

  // entries: {color, label, count, kind}; drawn top-down from high to low.
  wangge.drawLegend = ({ title, unit, entries, notes }) => {
    wangge.fill("legend",
      wangge.el("h2", {}, title),
      wangge.el("p", { class: "unit" }, unit),
      wangge.el("ul", {}, ...entries.map(({ color, label, count, kind }) =>
        wangge.el("li", {},
          wangge.el("span", { class: "swatch " + (kind || ""), style: { "--colour": color }, "aria-hidden": "true" }),
          wangge.el("span", { class: "range" }, label),
          count === undefined ? null : wangge.el("span", { class: "count" }, count)))),
      ...notes.map((note) => wangge.el("p", { class: "note" }, note)));
    // Custom properties cannot be assigned like other styles.
    document.querySelectorAll("#legend .swatch").forEach((swatch, i) =>
      swatch.style.setProperty("--colour", entries[i].color));
  };
})();
