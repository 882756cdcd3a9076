// Which grid covers the place that was clicked or typed? The front page asks the server.
"use strict";

wangge.mountLookup = function ({ map, layers }) {
  const { data, t, el } = wangge;
  const OVERVIEW_ROOM_PX = 60, SMALL_PX = 130, BUILDINGS_FROM_ZOOM = 13.25;
  const form = document.getElementById("ask"), answer = document.getElementById("answer");
  const grids = data.grids.map(([code, name, level, parent, lon, lat, radius_m]) =>
    ({ code, name, level, parent, lon, lat, radius_m }));
  const nameOf = Object.fromEntries(grids.map((grid) => [grid.code, grid.name]));
  const levelIds = data.levels.map((level) => level.id);
  const overview = levelIds.includes("grid") ? "grid" : levelIds[levelIds.length - 1];
  const narrowest = levelIds[levelIds.length - 1];
  const divided = new Set(grids.map((grid) => grid.parent));
  // Close by, what is not divided any further is named, whatever its level.
  const leaves = grids.filter((grid, i) => !divided.has(i) && levelIds.indexOf(grid.level) >= levelIds.indexOf(overview));
  const radii_m = leaves.map((grid) => grid.radius_m).sort((a, b) => a - b);
  const state = { level: null, asked: 0, found: null };

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

  const ask = async (path, parameters) => {
    const query = new URLSearchParams(parameters);
    if (form.plan) query.set("plan", form.plan.value);
    const reply = await fetch(`${path}?${query}`, { headers: { accept: "application/json" } });
    const body = await reply.json();
    if (!reply.ok) throw Object.assign(new Error(body.detail), { status: reply.status });
    return body;
  };

  // What went wrong in plain words, and beneath it what exactly the server said.
  const explain = (error) => {
    const [lon, lat] = [form.lon, form.lat].map((field) => Number(field.value));
    if (error.status === 422 && (Number.isNaN(lon) || Number.isNaN(lat))) return t("Longitude and latitude must be numbers, such as {example}.", { example: `${form.lon.placeholder}, ${form.lat.placeholder}` });
    if (error.status === 422 && Math.abs(lat) > 90 && Math.abs(lon) <= 90) return t("Longitude and latitude seem to be swapped.");
    if (error.status === 422) return t("This is no place or no date that can be looked up.");
    if (error.status === 404) return t("No boundaries are in force on this date.");
    if (error.status === 503) return t("The server is not ready yet. Try again in a moment.");
    return error.status ? t("Something went wrong on the server.") : t("The server does not answer. Is it still running?");
  };

  const writeMoment = (text) => {
    const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: data.zone, dateStyle: "short", timeStyle: "short" }).format(new Date(text));
    return parts.replace(" 00:00", "");
  };
  const describeRevision = ({ id, effective_from, effective_to }) => {
    const begin = effective_from && writeMoment(effective_from), end = effective_to && writeMoment(effective_to);
    if (begin && end) return t("No. {id}, in force {begin} until before {end}", { id, begin, end });
    if (begin) return t("No. {id}, in force since {begin}", { id, begin });
    return end ? t("No. {id}, in force until before {end}", { id, end }) : t("No. {id}, in force without limit", { id });
  };
  const describeBorder = ({ distance_m, neighbour, on_border }) => {
    if (on_border) return t("The place lies exactly on a border; it belongs to the grid with the lowest code.");
    const m = distance_m < 100 ? distance_m.toFixed(1) : wangge.number(distance_m, 0);
    if (!neighbour) return t("{m} m to the nearest border, the outer limit of the plan.", { m });
    const name = nameOf[neighbour] ? t("{name} ({code})", { name: nameOf[neighbour], code: neighbour }) : neighbour;
    return t("{m} m to the nearest border; across it lies {neighbour}.", { m, neighbour: name });
  };
  const describeFound = (found) => {
    const facts = [
      [t("Coordinates"), `${found.point.lon.toFixed(6)}, ${found.point.lat.toFixed(6)} (CGCS2000)`],
      [t("Revision of the grids"), describeRevision(found.revision)],
    ];
    const foot = [el("dl", { class: "facts" }, ...facts.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]))];
    if (found.revision.id !== data.revision) foot.push(el("p", { class: "hint" }, t("The map shows the borders in force today; the answer is from the revision above.")));
    if (found.status !== "inside") return [el("p", { class: "note warn" }, t("No grid of this plan covers the place.")), ...foot];
    const chosen = found.grids[found.grids.length - 1];
    return [
      el("h2", { class: "found" }, chosen.name || chosen.code),
      el("p", { class: "code" }, chosen.code),
      el("table", { class: "levels" }, el("tbody", {}, ...found.grids.map((grid) => el("tr", {},
        el("th", { scope: "row" }, data.levelNames[grid.level] || grid.level),
        el("td", {}, grid.name, el("small", {}, grid.code)))))),
      found.border ? el("p", { class: found.border.on_border ? "note warn" : "note" }, describeBorder(found.border)) : null,
      ...foot,
    ].filter(Boolean);
  };

  const unmark = () => {
    if (state.pin) state.pin.remove();
    labels.setMark(null);
  };
  const mark = (found) => {
    const pane = "marked", interactive = false;
    unmark();
    const place = [found.point.lat, found.point.lon];
    const dot = (radius, fillColor) => L.circleMarker(place, { pane, interactive, radius, stroke: false, fillColor, fillOpacity: 1 });
    state.pin = L.layerGroup([dot(8, "#ffffff"), dot(5.5, "#c8361d")]).addTo(map);
    labels.setMark(place);
    if (!map.getBounds().contains(place) && found.status === "outside" && map.options.maxBounds.contains(place)) map.panTo(place);
  };
  const outline = (feature) => {
    const layer = L.geoJSON(feature);
    wangge.highlight(map, layer, "rgba(200, 54, 29, .16)");
    state.pin.eachLayer((dot) => dot.bringToFront());
    const bounds = layer.getBounds(), size = map.getSize();
    const [a, b] = [bounds.getNorthWest(), bounds.getSouthEast()].map((corner) => map.latLngToContainerPoint(corner));
    const isSmall = Math.max(b.x - a.x, b.y - a.y) < SMALL_PX;
    const animate = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    // A third of the view, so that one still sees where in the district this is.
    if (isSmall) map.flyToBounds(bounds.pad(1), { maxZoom: 17, duration: 0.6, animate });
    else if (a.x < 0 || a.y < 0 || b.x > size.x || b.y > size.y) map.flyToBounds(bounds, { padding: [50, 50], maxZoom: map.getZoom(), duration: 0.4, animate });
  };

  const findGrid = async () => {
    const asked = ++state.asked;
    const at = form.at.value ? { at: form.at.value } : {};
    history.replaceState(null, "", "?" + new URLSearchParams([...new FormData(form)].filter(([, value]) => value)));
    wangge.linkLanguage();
    answer.setAttribute("aria-busy", "true");
    wangge.highlight(map, null);
    let shown;
    try {
      const found = await ask("/v1/locate", { lon: form.lon.value.trim(), lat: form.lat.value.trim(), crs: form.crs.value, ...at });
      if (asked !== state.asked) return;
      state.found = found;
      mark(found);
      shown = describeFound(found);
      if (found.grids.length) {
        ask("/v1/grids/" + encodeURIComponent(found.grids[found.grids.length - 1].code), at)
          .then((feature) => { if (asked === state.asked) outline(feature); }, () => {});
      }
    } catch (error) {
      if (asked !== state.asked) return;
      unmark();
      shown = [el("p", { class: "note warn" }, explain(error), error.status ? el("small", { lang: "en" }, error.message) : null)];
    }
    answer.removeAttribute("aria-busy");
    answer.replaceChildren(...shown);
    answer.scrollIntoView({ block: "nearest" });
  };

  const labels = new wangge.Labels(data.labels);
  wangge.setUpPanel(map);
  wangge.setUpBase(map, layers, layers[levelIds[0]], BUILDINGS_FROM_ZOOM);
  labels.addTo(map);
  map.on("zoomend", drawLevel);
  drawLevel();
  map.on("click", ({ latlng }) => {
    form.lon.value = latlng.lng.toFixed(6);
    form.lat.value = latlng.lat.toFixed(6);
    form.crs.value = "wgs84";
    findGrid();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); findGrid(); });
  // Both numbers pasted into the first field are taken apart.
  form.lon.addEventListener("input", () => {
    const pair = /^\s*(-?\d+(?:\.\d+)?)\s*[,，;\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(form.lon.value);
    if (pair) [form.lon.value, form.lat.value] = pair.slice(1);
  });
  // Who sent the form before this script ran, or follows a link, finds the place in the address.
  const given = new URLSearchParams(location.search);
  for (const name of ["lon", "lat", "crs", "at"]) if (given.has(name)) form[name].value = given.get(name);
  if (!form.crs.value) form.crs.value = "wgs84";
  if (form.lon.value && form.lat.value) findGrid();
  wangge.page = { state, grids, labels, map };
};
