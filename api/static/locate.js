// Which grid covers the place that was clicked or typed? All names from the plan are written with
// textContent: whatever they contain stays text.

const L = window.L;
const texts = JSON.parse(document.getElementById("texts").textContent);
const form = document.getElementById("ask");
const answer = document.getElementById("answer");
const plan = new URLSearchParams(location.search).get("plan");

const map = L.map("map", { preferCanvas: true, maxZoom: 20, zoomControl: false });
L.control.zoom({ zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out }).addTo(map);
L.control.scale({ imperial: false }).addTo(map);
map.attributionControl.setPrefix(false);
// A person may ask before the plan is drawn: the map needs some view to show the answer on.
map.setView([30, 110], 4);
let marker = null;
let outline = null;

const BASE_STYLE = {
  water: { color: "#9cc3d8", weight: 1, fillColor: "#bcd9e8", fillOpacity: 1 },
  green: { color: "#c5d9bd", weight: 0, fillColor: "#d9e7d2", fillOpacity: 0.9 },
  rail: { color: "#8d8d8d", weight: 1.5, dashArray: "6 4" },
  road: { color: "#c9b48a", weight: 2, opacity: 0.9 },
};

/** Ask the server for JSON; a refusal becomes an Error with its text. */
async function ask(path, parameters) {
  const query = new URLSearchParams(parameters);
  if (plan) query.set("plan", plan);
  const reply = await fetch(`${path}?${query}`);
  const body = await reply.json();
  if (!reply.ok) throw new Error(body.detail);
  return body;
}

/** Make an element with text and, if wanted, a class and children. */
function make(tag, text, className, children = []) {
  const element = document.createElement(tag);
  if (text !== null) element.textContent = text;
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function showNote(text, warn) {
  answer.replaceChildren(make("p", text, warn ? "note warn" : "note"));
}

function formatDate(text, missing) {
  if (!text) return missing;
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(text);
  return match[2] === "00:00" ? match[1] : `${match[1]} ${match[2]}`;
}

function showMatch(found) {
  const valid = texts.valid
    .replace("{from}", formatDate(found.revision.effective_from, texts.since_ever))
    .replace("{to}", formatDate(found.revision.effective_to, texts.until_further));
  if (found.status !== "inside") {
    answer.replaceChildren(make("p", texts.outside, "note warn"), make("p", valid, "fine"));
    return;
  }
  const narrowest = found.grids[found.grids.length - 1];
  const rows = found.grids.map((grid) =>
    make("tr", null, "", [
      make("th", texts.levels[grid.level] ?? grid.level),
      make("td", grid.name, "", [make("small", grid.code)]),
    ]),
  );
  const parts = [
    make("p", narrowest.name, "headline"),
    make("p", narrowest.code, "code"),
    make("table", null, "", [make("tbody", null, "", rows)]),
  ];
  if (found.border) parts.push(make("p", describeBorder(found.border), "note"));
  parts.push(make("p", valid, "fine"));
  answer.replaceChildren(...parts);
  showOutline(narrowest.code);
}

function describeBorder(border) {
  if (border.on_border) return texts.on_border;
  const key = border.neighbour ? "border" : "outer_border";
  return texts[key]
    .replace("{m}", border.distance_m.toFixed(1))
    .replace("{neighbour}", border.neighbour ?? "");
}

async function showOutline(code) {
  const parameters = form.at.value ? { at: form.at.value } : {};
  const feature = await ask(`/v1/grids/${encodeURIComponent(code)}`, parameters);
  if (outline) outline.remove();
  outline = L.geoJSON(feature, {
    interactive: false,
    style: { color: "#d1491b", weight: 3, fillColor: "#f0a202", fillOpacity: 0.18 },
  }).addTo(map);
}

async function findGrid() {
  const parameters = { lon: form.lon.value.trim(), lat: form.lat.value.trim(), crs: form.crs.value };
  if (form.at.value) parameters.at = form.at.value;
  if (outline) outline.remove();
  try {
    const found = await ask("/v1/locate", parameters);
    const place = [found.point.lat, found.point.lon];
    if (marker) marker.remove();
    marker = L.circleMarker(place, { radius: 7, color: "#fff", weight: 2, fillColor: "#d1491b", fillOpacity: 1 });
    marker.addTo(map);
    if (!map.getBounds().contains(place)) map.panTo(place);
    showMatch(found);
  } catch (error) {
    showNote(error.message, true);
  }
}

function labelGrids(layer, minimumZoom) {
  const labels = L.layerGroup();
  layer.eachLayer((grid) => {
    const { label_point: at, name } = grid.feature.properties;
    const text = document.createElement("span");
    text.textContent = name;
    const tooltip = L.tooltip({ permanent: true, direction: "center", className: "grid-label" });
    labels.addLayer(tooltip.setLatLng([at[1], at[0]]).setContent(text));
  });
  const refresh = () => (map.getZoom() >= minimumZoom ? labels.addTo(map) : labels.remove());
  map.on("zoomend", refresh);
  refresh();
}

async function drawPlan() {
  const base = await ask("/v1/base", {});
  for (const name of ["green", "water", "road", "rail"]) {
    const features = base.features.filter((feature) => feature.properties.layer === name);
    L.geoJSON(features, {
      interactive: false,
      style: (feature) => ({ ...BASE_STYLE[name], weight: Math.max(1, BASE_STYLE[name].weight + 2 - feature.properties.rank) }),
    }).addTo(map);
  }
  const levels = (await ask("/v1/levels", {})).levels;
  const names = levels.map((level) => level.level);
  const wide = names.includes("community") ? "community" : names[0];
  const fine = names.includes("grid") ? "grid" : names[names.length - 1];
  const grids = L.geoJSON(await ask("/v1/grids", { level: fine }), {
    style: { color: "#5b7083", weight: 1, fillOpacity: 0 },
    interactive: false,
  }).addTo(map);
  map.fitBounds(grids.getBounds(), { padding: [10, 10] });
  if (wide !== fine) {
    const areas = L.geoJSON(await ask("/v1/grids", { level: wide }), {
      style: { color: "#33475b", weight: 2.2, fillOpacity: 0 },
      interactive: false,
    }).addTo(map);
    labelGrids(areas, 0);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  findGrid();
});
map.on("click", (event) => {
  const { lng, lat } = event.latlng.wrap();
  form.lon.value = lng.toFixed(6);
  form.lat.value = lat.toFixed(6);
  form.crs.value = "wgs84";
  findGrid();
});
drawPlan().catch((error) => showNote(error.message, true));
