// How does a question become an address to send, and back?
"use strict";

(function () {
  const DEFAULTS = { crs: "wgs84" };
  const NAMES = ["q", "at", "crs", "accuracy_m", "near_m", "pick"];

  // The part after # stays in the browser: no address that somebody asks for stands in the address
  // of a page that is logged. `lon` and `lat` are read from older links and from the bare form.
  wangge.readLink = () => {
    const hash = new URLSearchParams(location.hash.slice(1)), query = new URLSearchParams(location.search);
    const given = hash.has("q") ? hash : query;
    const read = Object.fromEntries(NAMES.map((name) => [name, given.get(name) || DEFAULTS[name] || ""]));
    if (!read.q && given.get("lon") && given.get("lat")) read.q = `${given.get("lon")}, ${given.get("lat")}`;
    return read;
  };

  wangge.writeLink = (question, { replace = false } = {}) => {
    const said = NAMES.map((name) => [name, question[name] || ""]).filter(([name, value]) => value && value !== DEFAULTS[name]);
    const query = new URLSearchParams(location.search);
    for (const name of [...NAMES, "lon", "lat"]) query.delete(name);
    const hash = question.q ? "#" + new URLSearchParams(said) : "";
    const address = location.pathname + (query.size ? "?" + query : "") + hash;
    const here = location.pathname + location.search + location.hash;
    if (address !== here) history[replace ? "replaceState" : "pushState"](null, "", address);
    wangge.linkLanguage();
  };
})();
