// What do all map pages have in common? Texts, numbers, elements, switches and the side panel.
"use strict";

(function () {
  wangge.data = JSON.parse(document.getElementById("wangge-data").textContent);
  const texts = wangge.data.texts;
  const tag = document.documentElement.lang;

  // English is its own key, as in the catalogues.
  const t = (wangge.t = (english, values) =>
    Object.entries(values || {}).reduce(
      (text, [name, value]) => text.replace("{" + name + "}", () => value),
      texts[english] || english));

  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  const tenth = new Intl.NumberFormat(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const three = new Intl.NumberFormat(tag, { maximumSignificantDigits: 3 });
  wangge.number = (value, digits) => {
    if (value === null || value === undefined) return "—";
    if (digits === 0) return whole.format(value);
    return value >= 100 ? whole.format(value) : tenth.format(value);
  };
  wangge.readable = (value) => (value >= 1000 ? whole.format(value) : three.format(value));

  // The only way in which text reaches the screen: as text.
  wangge.el = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") element.className = value;
      else if (key === "style") Object.assign(element.style, value);
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  };

  wangge.fill = (id, ...children) => {
    const element = document.getElementById(id);
    element.replaceChildren(...children);
    return element;
  };

  // A row of buttons of which one is pressed.
  wangge.choices = (id, options, chosen, onChange) => {
    const draw = (now, focused) => {
      const buttons = options.map(({ value, label }) =>
        wangge.el("button", {
          type: "button", role: "radio", "data-value": value,
          "aria-checked": String(value === now), tabindex: value === now ? "0" : "-1",
          onclick: () => choose(value),
          onkeydown: (event) => {
            const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
            if (!step) return;
            event.preventDefault();
            const at = options.findIndex((option) => option.value === value);
            choose(options[(at + step + options.length) % options.length].value);
          },
        }, label));
      wangge.fill(id, ...buttons);
      if (focused) buttons.find((button) => button.tabIndex === 0).focus();
    };
    const choose = (value) => { draw(value, true); onChange(value); };
    draw(chosen, false);
  };

  wangge.select = (id, options, chosen, onChange) => {
    const element = wangge.fill(id, ...options.map(({ value, label }) =>
      wangge.el("option", { value }, label)));
    element.value = chosen;
    element.addEventListener("change", () => onChange(element.value));
    return element;
  };

  wangge.tiles = (id, tiles) =>
    wangge.fill(id, ...tiles.map(({ value, label, note }) =>
      wangge.el("div", { class: "tile" },
        wangge.el("dt", {}, label),
        wangge.el("dd", {}, value, note ? wangge.el("small", {}, note) : null))));

  // The other language shows the same place, period and plan.
  wangge.linkLanguage = () => {
    const link = document.querySelector(".language");
    if (!link) return;
    const query = new URLSearchParams(location.search);
    query.set("lang", link.hreflang.split("-")[0]);
    link.search = query;
    link.hash = location.hash;
  };

  wangge.setUpPanel = (map) => {
    wangge.linkLanguage();
    const button = document.getElementById("fold");
    button.addEventListener("click", () => {
      const folded = document.body.classList.toggle("folded");
      button.setAttribute("aria-expanded", String(!folded));
      button.setAttribute("aria-label", t(folded ? "Show the panel" : "Hide the panel"));
      map.invalidateSize({ animate: false });
    });
    window.addEventListener("beforeprint", () => map.invalidateSize({ animate: false }));
  };
})();
