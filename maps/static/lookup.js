// Which grid covers the place that was clicked or typed? The front page asks the server.
"use strict";

wangge.mountLookup = function ({ map, layers }) {
  const { data, t, el } = wangge;
  const OVERVIEW_ROOM_PX = 60, BUILDINGS_FROM_ZOOM = 13.25, ROOM_DEG = 0.5, MOST_LISTED = 10;
  const form = document.getElementById("ask"), answer = document.getElementById("answer");
  const said = document.getElementById("said"), box = form.q, start = [...answer.childNodes];
  const title = document.title;
  const grids = data.grids.map(([code, name, level, parent, lon, lat, radius_m]) =>
    ({ code, name, level, parent, lon, lat, radius_m }));
  const levelIds = data.levels.map((level) => level.id);
  const overview = levelIds.includes("grid") ? "grid" : levelIds[levelIds.length - 1];
  const narrowest = levelIds[levelIds.length - 1];
  const divided = new Set(grids.map((grid) => grid.parent));
  // Close by, what is not divided any further is named, whatever its level.
  const leaves = grids.filter((grid, i) => !divided.has(i) && levelIds.indexOf(grid.level) >= levelIds.indexOf(overview));
  const radii_m = leaves.map((grid) => grid.radius_m).sort((a, b) => a - b);
  const state = { level: null, asked: 0, found: null, list: null, isMeasured: false };

  const chooseLevel = () => {
    const room = (2 * radii_m[radii_m.length >> 1]) / wangge.metresPerPixel(map);
    return room > OVERVIEW_ROOM_PX ? narrowest : overview;
  };
  const drawLevel = () => {
    const level = chooseLevel();
    if (level === state.level) return;
    state.level = level;
    wangge.drawBorders(map, layers, data.levels, level);
    const named = level === overview ? grids.filter((grid) => grid.level === level) : leaves;
    labels.setAreas(
      named.map((grid) => ({ ...grid, name: wangge.shortName(grid, grids) })),
      wangge.widerAreas(grids, data.levels, overview));
  };

  const plan = form.plan ? form.plan.value : "";
  const at = () => ({ at: form.at.value });
  const read = () => Object.fromEntries(["q", "at", "crs", "accuracy_m", "near_m"].map((name) => [name, form[name].value.trim()]));
  const fillForm = (question) => { for (const name of ["q", "at", "crs", "accuracy_m", "near_m"]) form[name].value = question[name] || ""; if (!form.crs.value) form.crs.value = "wgs84"; };

  const show = (nodes, spoken) => {
    answer.removeAttribute("aria-busy");
    answer.replaceChildren(...nodes.filter(Boolean));
    answer.scrollTop = 0;
    said.textContent = spoken;
  };
  const warn = (text, ...more) => show([el("p", { class: "note warn" }, text, ...more.filter(Boolean))], text);
  const outline = (code, asked) => wangge.askServer("/v1/grids/" + encodeURIComponent(code), at(), plan)
    .then((feature) => { if (asked === state.asked) places.outline(feature); }, () => {});

  // Each kind of question has its way to an answer; `isLate` tells whether another one was asked since.
  const answers = {
    async point({ lon, lat }, asked, isLate) {
      const { crs, accuracy_m, near_m } = read();
      const found = await wangge.askServer("/v1/locate", { lon, lat, crs, accuracy_m, near_m, ...at() }, plan);
      if (isLate()) return;
      state.found = found;
      places.showPoint(found.point, found.accuracy ? found.accuracy.radius_m : 0);
      const limit_m = found.status === "outside" ? wangge.wayTo(found.point, layers[levelIds[0]]) : null;
      show(wangge.tellPlace(found, limit_m, crs), wangge.sayAnswer(found));
      if (found.grids.length) outline(found.grids[found.grids.length - 1].code, asked);
      else wangge.fitDistrict();
    },

    async address({ address, similar }, asked, isLate) {
      const found = await wangge.askServer("/v1/locate", { address, ...at() }, plan);
      if (isLate()) return;
      state.found = found;
      const { candidates } = found.address;
      const choose = (i) => {
        places.choose(i);
        wangge.writeLink({ ...read(), pick: String(i + 1) }, { replace: true });
        const finest = candidates[i].grids[candidates[i].grids.length - 1];
        wangge.highlight(map, null);
        if (finest) outline(finest.code, asked);
        said.textContent = finest ? t("Found: {name}, code {code}.", { name: finest.name, code: finest.code }) : "";
      };
      const { nodes, list } = wangge.tellAddress(found, choose);
      if (list) places.showCandidates(candidates.map(({ point }) => point), (i) => list.choose(i));
      else if (found.point) places.showPoint(found.point, 0);
      const named = found.status === "unknown" && similar.length ? listGrids(similar.slice(0, MOST_LISTED), t("Grids of this name"), false) : null;
      show(named ? [...nodes.slice(0, 1), el("h2", {}, t("Grids of this name")), named.element, ...nodes.slice(1)] : nodes, wangge.sayAnswer(found));
      keepList(list || named);
      if (!list && found.grids.length) outline(found.grids[found.grids.length - 1].code, asked);
      const picked = Number(wangge.readLink().pick);
      if (list && picked) list.choose(picked - 1);
    },

    async grid({ code }, asked, isLate) {
      let feature;
      try {
        feature = await wangge.askServer("/v1/grids/" + encodeURIComponent(code), at(), plan);
      } catch (error) {
        if (!error.body || !error.body.successors || isLate()) throw error;
        const list = listGrids(error.body.successors, t("Grids that have its ground"), false, ({ area_share }) => t("{percent} % of its area", { percent: wangge.number(100 * area_share, 0) }));
        const text = t("The code {code} is no longer in use; its ground is now in:", { code });
        show([el("p", { class: "note warn" }, text), list.element], text);
        keepList(list);
        return;
      }
      if (isLate()) return;
      const shown = feature.properties;
      const line = [...shown.ancestors, shown];
      state.found = { status: "inside", grids: line };
      places.outline(feature);
      const list = shown.children.length ? listGrids(shown.children, t("Its parts"), false) : null;
      show([
        shown.code === code ? null : el("p", { class: "note warn" }, t("The code {code} is no longer in use; its ground is now in:", { code })),
        ...wangge.tellGrids(line),
        ...wangge.tellFacts(shown.revision, [[t("Area"), t("{area} km²", { area: wangge.readable(shown.area_m2 / 1e6) })]]),
        wangge.tellActions(wangge.linesOf(line, shown.revision)),
        list && el("h2", {}, t("Its parts: {n}", { n: shown.children.length })), list && list.element,
      ], wangge.sayAnswer(state.found));
      keepList(list);
    },

    grids({ grids: found }) {
      const list = listGrids(found.slice(0, MOST_LISTED), t("Grids of this name"), true);
      const text = t("{n} grids fit. Which one is meant?", { n: found.length });
      places.showCandidates(found.slice(0, MOST_LISTED), (i) => list.choose(i));
      show([el("p", { class: "note" }, text), list.element], text);
      keepList(list);
    },

    swapped({ lon, lat }) {
      const text = t("Was this meant: longitude {lon}, latitude {lat}?", { lon, lat });
      const yes = el("button", { type: "button", class: "main", onclick: () => { box.value = `${lon}, ${lat}`; submit(); } }, t("Yes, look up this place"));
      show([el("p", { class: "note warn" }, t("Longitude and latitude seem to be swapped."), el("span", { class: "line-below" }, text)), yes], text);
      yes.focus();
    },

    none() { warn(t("Longitude and latitude must be degrees, such as {example}.", { example: data.example })); },
    empty() { clear(); },
  };
  const listGrids = (found, label, isNumbered, tell) => new wangge.Candidates(label, found.map((grid) => ({
    title: grid.name || grid.code, lines: [t("{level} {code}", { level: data.levelNames[grid.level] || grid.level, code: grid.code }), tell && tell(grid)], detail: () => [],
  })), (i) => { box.value = found[i].code; submit(); }, { isNumbered });
  const keepList = (list) => {
    state.list = list;
    if (list) list.onLeave = () => box.focus();
  };

  const ask = async () => {
    const asked = ++state.asked, isLate = () => asked !== state.asked;
    const question = wangge.readQuestion(box.value, { grids, bounds });
    Object.assign(state, { found: null, list: null });
    form.classList.toggle("has-text", question.kind !== "empty");
    document.title = question.kind === "empty" ? title : `${box.value.trim()} · ${title}`;
    places.clear();
    suggestions.close();
    box.scrollLeft = 0;
    answer.setAttribute("aria-busy", "true");
    try {
      await answers[question.kind](question, asked, isLate);
    } catch (error) {
      if (isLate()) return;
      warn(wangge.explainRefusal(error, question.kind), error.status && error.message ? el("small", { lang: "en" }, error.message) : null);
    }
  };
  const submit = () => { wangge.writeLink(read()); return ask(); };
  const clear = () => {
    state.asked++;
    Object.assign(state, { found: null, list: null });
    box.value = "";
    form.classList.remove("has-text");
    document.title = title;
    places.clear();
    show(start, "");
  };
  const forgetMeasure = () => { if (state.isMeasured) form.accuracy_m.value = ""; state.isMeasured = false; };

  const askBrowser = () => {
    answer.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      box.value = `${coords.longitude.toFixed(6)}, ${coords.latitude.toFixed(6)}`;
      form.crs.value = "wgs84";
      form.accuracy_m.value = String(Math.max(1, Math.round(coords.accuracy)));
      state.isMeasured = true;
      submit();
    }, ({ code }) => warn(code === 1 ? t("The browser was not allowed to tell the position. Allow it in the browser's settings, or click the place on the map.")
      : t("The position could not be found. Click the place on the map instead.")), { enableHighAccuracy: true, timeout: 20000 });
  };

  const labels = new wangge.Labels(data.labels);
  wangge.setUpPanel(map);
  wangge.setUpBase(map, layers, layers[levelIds[0]], BUILDINGS_FROM_ZOOM);
  labels.addTo(map);
  map.on("zoomend", drawLevel);
  drawLevel();
  const places = new wangge.Places(map, labels);
  const suggestions = new wangge.Suggestions(box, document.getElementById("suggestions"), grids, ({ code, name }) => { box.value = name && grids.filter((grid) => grid.name === name).length === 1 ? name : code; submit(); });
  const limits = layers[levelIds[0]].getBounds();
  const bounds = { west: limits.getWest() - ROOM_DEG, east: limits.getEast() + ROOM_DEG, south: limits.getSouth() - ROOM_DEG, north: limits.getNorth() + ROOM_DEG };

  map.on("click", ({ latlng }) => {
    forgetMeasure();
    box.value = `${latlng.lng.toFixed(6)}, ${latlng.lat.toFixed(6)}`;
    form.crs.value = "wgs84";
    submit();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  box.addEventListener("input", () => { forgetMeasure(); form.classList.toggle("has-text", box.value !== ""); });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (suggestions.hear(event.key)) event.preventDefault();
    else if (event.key === "ArrowDown" && state.list) { event.preventDefault(); state.list.focus(); }
  });
  for (const name of ["crs", "at"]) form[name].addEventListener("change", () => { if (box.value.trim()) submit(); });
  document.getElementById("clear").addEventListener("click", () => { clear(); wangge.writeLink({}); box.focus(); });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches("input, select, textarea");
    if (event.key === "/" && !isTyping) { event.preventDefault(); box.focus(); box.select(); }
    if (event.key === "Escape" && (box.value || state.list)) { clear(); wangge.writeLink({}); box.focus(); }
  });
  for (const example of document.querySelectorAll(".try")) example.addEventListener("click", () => { box.value = example.textContent; submit(); });
  // The browser tells where it is to pages that came over a safe way only.
  const here = document.getElementById("here");
  here.hidden = !(window.isSecureContext && navigator.geolocation);
  here.addEventListener("click", askBrowser);

  const follow = () => { fillForm(wangge.readLink()); if (box.value) ask(); else clear(); };
  window.addEventListener("popstate", follow);
  const given = wangge.readLink();
  if (given.q) { wangge.writeLink(given, { replace: true }); follow(); } else fillForm(given);
  wangge.page = { state, grids, bounds, labels, places, map };
};
