// Which grids begin to be typed? A short list beneath the box, as in a search engine.
"use strict";

(function () {
  const { data, t, el } = wangge;
  const MOST = 6;

  wangge.Suggestions = class {
    constructor(box, list, grids, onChoose) {
      Object.assign(this, { box, list, grids, onChoose, active: -1, options: [] });
      box.addEventListener("input", () => this.offer());
      box.addEventListener("blur", () => this.close());
    }

    get isOpen() { return !this.list.hidden; }

    offer() {
      const { same, similar } = wangge.matchGrids(this.box.value, this.grids);
      const found = this.box.value.trim() ? [...same, ...similar].slice(0, MOST) : [];
      this.found = found;
      this.options = found.map((grid, i) => el("li", {
        id: `grid-${i}`, role: "option", "aria-selected": "false",
        // The box keeps the focus, so that the list is not closed before the click is heard.
        onmousedown: (event) => event.preventDefault(), onclick: () => this.choose(i),
      }, el("span", {}, grid.name || grid.code), el("small", {}, t("{level} {code}", { level: data.levelNames[grid.level] || grid.level, code: grid.code }))));
      this.list.replaceChildren(...this.options);
      this.show(found.length > 0);
    }

    show(isOpen) {
      this.list.hidden = !isOpen;
      this.box.setAttribute("aria-expanded", String(isOpen));
      this.mark(-1);
    }

    close() { this.show(false); }

    mark(i) {
      this.active = i;
      this.options.forEach((option, k) => option.setAttribute("aria-selected", String(k === i)));
      if (i >= 0) this.box.setAttribute("aria-activedescendant", `grid-${i}`); else this.box.removeAttribute("aria-activedescendant");
    }

    choose(i) {
      const grid = this.found[i];
      this.close();
      this.onChoose(grid);
    }

    // Tells whether the key was meant for the list.
    hear(key) {
      if (!this.isOpen) return false;
      const many = this.options.length;
      if (key === "ArrowDown") this.mark((this.active + 1) % many);
      else if (key === "ArrowUp") this.mark((this.active <= 0 ? many : this.active) - 1);
      else if (key === "Escape") this.close();
      else if (key === "Enter" && this.active >= 0) this.choose(this.active);
      else return false;
      return true;
    }
  };
})();
