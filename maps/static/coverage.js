// Which grids, key road sections and key places do the cameras watch? The camera coverage page.
"use strict";

wangge.mountCoverage = function ({ map, layers }) {
  const { data, t, number } = wangge;
  const percent = (share) => number(100 * share, share > 0 && share < 0.1 ? 1 : 0) + " %";
  const grids = data.grids.map(([code, name, level, area_km2, cameras, unknown, share, lon, lat, radius_m]) =>
    ({ code, name, level, area_km2, cameras, unknown, share, lon, lat, radius_m }));
  const keys = data.keys.map(([code, name, layer, length_m, share, box]) => ({ code, name: name || code, layer, length_m, share, box }));
  const state = { level: data.start.level, selected: null, key: null, tab: "grids", share: true };
  const atLevel = () => grids.filter((grid) => grid.level === state.level);
  const classOf = (grid) => (grid.share > 0 ? wangge.classOf(grid.share, data.bounds) : -1);

  const card = { sticky: true, direction: "top", offset: [0, -6], className: "card" };
  const layerOf = {}, felt = {};
  data.levels.forEach((level) => {
    const own = grids.filter((grid) => grid.level === level.id);
    layers[level.layer].eachLayer((layer) => { layerOf[own[layer.feature.properties.i].code] = layer; });
    // The canvas of the cameras lies over that of the grids and takes the mouse: grids are felt there.
    felt[level.id] = L.geoJSON(layers[level.layer].toGeoJSON(6), { pane: "cameras", style: { stroke: false, fillOpacity: 0 } });
    felt[level.id].eachLayer((layer) => {
      const grid = own[layer.feature.properties.i];
      layer.on({ click: () => select(grid.code === state.selected ? null : grid.code, false) });
      layer.bindTooltip(() => describe(grid.name, grid.code, figuresOf(grid)), card);
    });
  });
  const describe = (name, code, figures) => wangge.el("div", {},
    wangge.el("strong", {}, name || code), wangge.el("small", {}, code),
    wangge.el("dl", {}, ...figures.flatMap(([label, value]) => [wangge.el("dt", {}, label), wangge.el("dd", {}, value)])));
  const figuresOf = (grid) => [
    [t("Area covered"), percent(grid.share)], [t("Cameras"), number(grid.cameras, 0)],
    ...(grid.unknown ? [[t("Direction unknown"), number(grid.unknown, 0)]] : []),
    [t("Area"), `${wangge.readable(grid.area_km2)} km²`],
  ];
  const degrees = (value) => (value === null ? t("unknown") : `${number(value, 0)}°`);
  layers.cameras.eachLayer((layer) => {
    const [id, name, heading, angle, range] = data.cameras[layer.feature.properties.i];
    layer.bindTooltip(() => describe(name, id, [
      [t("Direction"), angle >= 360 ? t("all round") : degrees(heading)],
      [t("Angle"), degrees(angle)], [t("Range"), `${number(range, 0)} m`]]), card);
  });
  for (const name of ["covered", "open"]) {
    layers[name].eachLayer((layer) => {
      const key = keys[layer.feature.properties.i];
      layer.bindTooltip(() => describe(key.name, "", keyFigures(key)), card);
      layer.on("click", () => { showTab("keys"); selectKey(key.code, false); });
    });
  }
  const kindOf = (key) => (key.length_m === null ? t("Key place") : t("Key road section"));
  const keyFigures = (key) => [
    [t("Kind"), kindOf(key)], [t("Covered"), percent(key.share)],
    ...(key.length_m === null ? [] : [[t("Length"), `${number(key.length_m, 0)} m`]]),
  ];

  const columns = () => [
    { id: "name", label: data.levels.find((level) => level.id === state.level).label, text: (g) => g.name, value: (g) => g.name },
    { id: "cameras", label: t("Cameras"), digits: 0, value: (g) => g.cameras,
      text: (g) => (g.cameras ? number(g.cameras, 0) : wangge.el("span", { class: "bad" }, t("none"))) },
    { id: "share", label: t("Area covered"), digits: 1, text: (g) => bar(g.share), value: (g) => g.share,
      title: t("Share of the grid's area inside the sector of a camera") },
  ];
  const keyColumns = [
    { id: "name", label: t("Key section or place"), text: (k) => k.name, value: (k) => k.name },
    { id: "length", label: t("Length m"), digits: 0, text: (k) => number(k.length_m, 0), value: (k) => k.length_m },
    { id: "share", label: t("Covered"), digits: 1, text: (k) => bar(k.share), value: (k) => k.share },
  ];
  const bar = (share) => {
    const line = wangge.el("span", { class: "bar", "aria-hidden": "true" }, wangge.el("i", { style: { width: 100 * share + "%" } }));
    return wangge.el("span", { class: share > 0 ? "share" : "share bad" }, line, share > 0 ? percent(share) : t("none"));
  };

  const table = new wangge.Table("table", columns(), {
    sort: { id: "share", down: false }, onSelect: (code) => select(code === state.selected ? null : code, true) });
  const keyTable = keys.length ? new wangge.Table("keys", keyColumns, {
    sort: { id: "share", down: false }, onSelect: (code) => selectKey(code, true) }) : null;

  const select = (code, move) => {
    state.selected = code;
    table.select(code, !move);
    const layer = code && layerOf[code];
    wangge.highlight(map, layer);
    if (layer && move && !map.getBounds().contains(layer.getBounds())) map.fitBounds(layer.getBounds(), { padding: [60, 60], maxZoom: 16 });
  };
  const selectKey = (code, move) => {
    state.key = code;
    keyTable.select(code, !move);
    const key = keys.find((each) => each.code === code);
    const [south, west, north, east] = key.box;
    if (move) map.fitBounds([[south, west], [north, east]], { padding: [80, 80], maxZoom: 16.5 });
  };
  const showTab = (tab) => {
    state.tab = tab;
    if (keyTable) wangge.choices("tabs", tabs, tab, showTab);
    document.getElementById("grids-box").hidden = tab !== "grids";
    document.getElementById("keys-box").hidden = tab !== "keys";
    describeTable();
  };
  const tabs = [{ value: "grids", label: t("By area") }, { value: "keys", label: t("Key sections and places") }];
  const describeTable = () => {
    const shown = state.tab === "grids" ? atLevel() : keys;
    document.getElementById("what").textContent = keyTable ? "" : t("Area covered");
    document.getElementById("rows").textContent = state.tab === "grids"
      ? t("{n} areas, {m} without a camera", { n: number(shown.length, 0), m: number(shown.filter((g) => !g.cameras).length, 0) })
      : t("{n} in all, {m} not covered", { n: number(shown.length, 0), m: number(shown.filter((k) => !k.share).length, 0) });
  };

  const paint = () => {
    const own = atLevel();
    data.levels.forEach((level) => {
      const shown = level.id === state.level, layer = layers[level.layer];
      if (shown !== map.hasLayer(layer)) { if (shown) map.addLayer(layer); else map.removeLayer(layer); }
      if (shown) felt[level.id].addTo(map).bringToBack(); else felt[level.id].remove();
    });
    own.forEach((grid) => {
      const at = classOf(grid);
      layerOf[grid.code].setStyle({ stroke: false, fillOpacity: state.share ? 1 : 0, fillColor: at < 0 ? data.colours.none : data.ramp[at] });
    });
    labels.setAreas([...own].sort((a, b) => b.area_km2 - a.area_km2).map((grid) => ({ ...grid, value: percent(grid.share) })),
      wangge.widerAreas(grids, data.levels, state.level));
    const count = (at) => t("{n} areas", { n: number(own.filter((grid) => classOf(grid) === at).length, 0) });
    const label = (i) => {
      const [low, high] = [100 * data.bounds[i], 100 * data.bounds[i + 1]].map((v) => number(v, 0));
      if (i === data.bounds.length - 1) return t("{low} and more", { low: low + " %" });
      return i === 0 ? t("below {high}", { high: high + " %" }) : `${low} – ${high} %`;
    };
    const shares = state.share ? data.bounds.map((_, i) => ({ color: data.ramp[i], label: label(i), count: count(i) })).reverse() : [];
    if (state.share) shares.push({ color: data.colours.none, label: t("not covered"), count: count(-1) });
    const on = (id) => { const box = document.getElementById(id); return box && box.checked; };
    wangge.drawLegend({
      title: t("Camera coverage"), unit: t("share of the area inside a camera's sector"),
      entries: [...shares,
        ...(on("show-sectors") ? [{ color: data.colours.sector, label: t("sector of a camera"), kind: "sector" }] : []),
        ...(on("show-cameras") ? [{ color: data.colours.camera, label: t("camera"), kind: "dot" }] : []),
        ...(on("show-sectors") && data.unknownOf.length ? [{ color: data.colours.camera, label: t("direction unknown, not counted"), kind: "ring" }] : []),
        ...(on("show-keys") ? [{ color: data.colours.covered, label: t("key section, covered"), kind: "line" }, { color: data.colours.open, label: t("key section, not covered"), kind: "dashed" }] : [])],
      notes: [t("On open ground, without obstacles: an upper bound.")],
    });
  };

  const refresh = () => {
    const own = atLevel();
    table.setColumns(columns());
    table.setRows(own.map((grid) => ({ ...grid, note: grid.code })));
    if (state.selected && !own.some((grid) => grid.code === state.selected)) select(null, false);
    table.select(state.selected, false);
    describeTable();
    paint();
  };

  // Seen from far away, dots and lines must not bury the map.
  const scaleMarks = () => {
    const factor = Math.max(0.5, Math.min(1.35, 1 + (map.getZoom() - 15) * 0.28));
    layers.cameras.eachLayer((layer) => layer.setRadius(3.8 * factor).setStyle({ weight: factor < 0.8 ? 0.7 : 1.3 }));
    layers.covered.setStyle({ weight: 4.6 * factor });
    layers.open.setStyle({ weight: 4 * factor, dashArray: factor < 0.8 ? "4 3" : "7 6" });
  };
  const labels = new wangge.Labels(data.labels);
  wangge.setUpPanel(map);
  wangge.setUpBase(map, layers, layers[data.levels[0].layer]);
  labels.addTo(map);
  map.on("zoomend", scaleMarks);
  scaleMarks();
  wangge.tiles("totals", [
    { label: t("Covered"), value: percent(data.share) },
    { label: t("Cameras"), value: number(data.cameras.length, 0) },
    { label: t("No direction"), value: number(data.unknownOf.length, 0) },
    { label: t("Outside"), value: number(data.outside, 0) },
  ]);
  wangge.choices("levels", data.levels.map(({ id, label }) => ({ value: id, label })), state.level, (level) => {
    state.level = level;
    wangge.drawBorders(map, layers, data.levels, level);
    refresh();
  });
  const switches = { "show-sectors": ["sectors", "unknown"], "show-cameras": ["cameras"], "show-keys": ["open", "covered"], "show-share": [] };
  for (const [id, names] of Object.entries(switches)) {
    const box = document.getElementById(id);
    if (!box) continue;
    box.addEventListener("change", () => {
      if (id === "show-share") state.share = box.checked;
      names.forEach((name) => { if (box.checked) map.addLayer(layers[name]); else map.removeLayer(layers[name]); });
      paint();
    });
  }
  document.getElementById("csv").addEventListener("click", () => wangge.download(data.fileName, state.tab === "grids"
    ? table.toCsv([{ csv: t("Code"), value: (g) => g.code }, { csv: t("Area km²"), value: (g) => g.area_km2 }, { csv: t("Direction unknown"), value: (g) => g.unknown }])
    : keyTable.toCsv([{ csv: t("Code"), value: (k) => k.code }, { csv: t("Kind"), value: kindOf }])));
  if (keyTable) {
    keyTable.setRows(keys.map((key) => ({ ...key, note: kindOf(key) })));
    wangge.choices("tabs", tabs, "grids", showTab);
  }
  wangge.drawBorders(map, layers, data.levels, state.level);
  refresh();
  wangge.fitDistrict();
  wangge.page = { state, grids, keys, table, keyTable, labels, select, map };
};
