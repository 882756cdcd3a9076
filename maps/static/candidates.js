// Which of several places or grids is meant? A list to walk with the arrow keys.
"use strict";

(function () {
  const { el } = wangge;

  // `items`: {title: a text or nodes, lines, detail()}; `onChoose(i)` is told once one is clicked or entered. They are
  // numbered where the map shows the same numbers.
  wangge.Candidates = class {
    constructor(label, items, onChoose, { isNumbered = true } = {}) {
      this.items = items;
      this.onChoose = onChoose;
      this.chosen = -1;
      this.buttons = items.map(({ title, lines }, i) => el("button", {
        type: "button", "aria-pressed": "false", onclick: () => this.choose(i), onkeydown: (event) => this.walk(event, i),
      },
        isNumbered ? el("span", { class: "badge", "aria-hidden": "true" }, String(i + 1)) : null,
        el("span", { class: "title" }, ...[title].flat()),
        ...lines.filter(Boolean).map((line) => el("small", {}, line))));
      this.details = items.map(() => el("div", { class: "detail", hidden: "" }));
      this.element = el("ol", { class: isNumbered ? "candidates" : "candidates plain-list", "aria-label": label },
        ...this.buttons.map((button, i) => el("li", {}, button, this.details[i])));
    }

    focus() { this.buttons[Math.max(0, this.chosen)].focus(); }

    walk(event, i) {
      const last = this.buttons.length - 1;
      const to = { ArrowDown: Math.min(last, i + 1), ArrowUp: i - 1, Home: 0, End: last }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      if (to >= 0) this.buttons[to].focus();
      else if (this.onLeave) this.onLeave();
    }

    choose(i) {
      if (!this.items[i]) return;
      this.chosen = i;
      this.buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === i)));
      this.details.forEach((detail, k) => {
        detail.hidden = k !== i;
        detail.replaceChildren(...(k === i ? this.items[i].detail().filter(Boolean) : []));
      });
      this.onChoose(i);
    }
  };
})();
