// Where are the reports of the chosen months, categories and kinds? The density page.
"use strict";

wangge.mountDensity = function ({ map, layers }) {
  const { data, t, number } = wangge;
  const ALL = "";
  const grids = data.grids.map(([code, name, level, parent, area_km2, households, lon, lat, radius_m], i) =>
    ({ i, code, name, level, parent, area_km2, households, lon, lat, radius_m }));
  const state = {
    level: data.start.level, measure: "reports", category: ALL, kind: ALL,
    from: 0, to: data.months.length - 1, surface: false, selected: null,
  };
  const MEASURES = {
    reports: { label: t("Reports"), unit: t("reports in the period"), digits: 0, of: (g) => g.reports },
    per_km2: { label: t("Per km²"), unit: t("reports per km² of grid area"), digits: 1,
      of: (g) => (g.area_km2 > 0 ? g.reports / g.area_km2 : null) },
    per_1000: { label: t("Per 1,000 households"), unit: t("reports per 1,000 households"), digits: 1,
      of: (g) => (g.households ? (1000 * g.reports) / g.households : null) },
  };
  const isFiltered = () => state.category !== ALL || state.kind !== ALL || state.from > 0 || state.to < data.months.length - 1;
  const showsSurface = () => state.surface && !isFiltered() && data.surface;

  // Counts every grid anew from the compact table, and adds narrow grids to wider ones.
  const recount = () => {
    grids.forEach((grid) => { grid.reports = 0; });
    const totals = { located: 0, outside: 0, unlocated: 0 };
    const rows = data.rows;
    for (let at = 0; at < rows.length; at += 5) {
      if (rows[at + 1] < state.from || rows[at + 1] > state.to) continue;
      if (state.category !== ALL && rows[at + 2] !== Number(state.category)) continue;
      if (state.kind !== ALL && rows[at + 3] !== Number(state.kind)) continue;
      const reports = rows[at + 4];
      if (rows[at] < 0) { totals[rows[at] === -1 ? "outside" : "unlocated"] += reports; continue; }
      totals.located += reports;
      for (let grid = data.codes[rows[at]]; grid >= 0; grid = grids[grid].parent) grids[grid].reports += reports;
    }
    return totals;
  };

  const atLevel = () => grids.filter((grid) => grid.level === state.level);

  const measures = Object.entries(MEASURES).filter(([id]) => id !== "per_1000" || data.hasHouseholds);
  const columns = () => [
    { id: "name", label: data.levels.find((level) => level.id === state.level).label, text: (g) => g.name, value: (g) => g.name },
    ...measures.map(([id, { label, unit, digits, of }]) =>
      ({ id, label, title: unit, digits, text: (g) => number(of(g), digits), value: of })),
  ];

  const table = new wangge.Table("table", columns(), {
    sort: { id: "reports", down: true },
    onSelect: (code) => select(code === state.selected ? null : code, true),
  });

  const layerOf = {};
  data.levels.forEach((level) => {
    const own = grids.filter((grid) => grid.level === level.id);
    layers[level.layer].eachLayer((layer) => {
      const grid = own[layer.feature.properties.i];
      layerOf[grid.code] = layer;
      layer.on({ click: () => select(grid.code === state.selected ? null : grid.code, false) });
      layer.bindTooltip(() => describe(grid), { sticky: true, direction: "top", offset: [0, -6], className: "card" });
    });
  });

  const describe = (grid) => wangge.el("div", {},
    wangge.el("strong", {}, grid.name),
    wangge.el("small", {}, grid.code),
    wangge.el("dl", {}, ...measures.flatMap(([, { label, digits, of }]) =>
      [wangge.el("dt", {}, label), wangge.el("dd", {}, number(of(grid), digits))]),
    ...[[t("Area"), `${wangge.readable(grid.area_km2)} km²`], [t("Households"), number(grid.households, 0)]].flatMap(
      ([label, value]) => [wangge.el("dt", {}, label), wangge.el("dd", {}, value)])));

  const select = (code, move) => {
    state.selected = code;
    table.select(code, !move);
    const layer = code && layerOf[code];
    wangge.highlight(map, layer);
    if (layer && move && !map.getBounds().contains(layer.getBounds())) map.fitBounds(layer.getBounds(), { padding: [60, 60], maxZoom: 16 });
  };

  const paint = () => {
    const own = atLevel(), { of, unit, label, digits } = MEASURES[state.measure];
    const isWhole = digits === 0;
    const bounds = wangge.classBounds(own.map(of).filter((value) => value !== null), 6, isWhole);
    const colours = data.ramps[Math.max(1, bounds.length)];
    const classOf = (grid) => (of(grid) === null ? null : wangge.classOf(of(grid), bounds));
    const surface = showsSurface();
    data.levels.forEach((level) => {
      const shown = level.id === state.level, layer = layers[level.layer];
      if (shown !== map.hasLayer(layer)) { if (shown) map.addLayer(layer); else map.removeLayer(layer); }
    });
    own.forEach((grid) => {
      const at = classOf(grid);
      layerOf[grid.code].setStyle({
        stroke: false, fillOpacity: surface || at === -1 ? 0 : 1,
        fillColor: at === null ? data.noData : at < 0 ? "#ffffff" : colours[at],
      });
    });
    wangge.drawBorders(map, layers, data.levels, state.level, surface);
    if (layers.surface) { if (surface) map.addLayer(layers.surface); else map.removeLayer(layers.surface); }
    labels.setAreas([...own].sort((a, b) => b.reports - a.reports).map((grid) => ({
      ...grid, name: wangge.shortName(grid, grids), value: surface ? "" : number(of(grid), digits),
    })), wangge.widerAreas(grids, data.levels, state.level));
    if (surface) return drawSurfaceLegend();
    const count = (at) => wangge.t("{n} areas", { n: number(own.filter((grid) => classOf(grid) === at).length, 0) });
    const entries = bounds.map((_, i) => ({ color: colours[i], label: wangge.classLabel(bounds, i, isWhole), count: count(i) })).reverse();
    if (own.some((grid) => classOf(grid) === -1)) entries.push({ color: "#ffffff", label: "0", count: count(-1) });
    if (own.some((grid) => classOf(grid) === null)) entries.push({ color: data.noData, label: t("no denominator"), count: count(null), kind: "none" });
    return wangge.drawLegend({ title: label, unit, entries, notes: [] });
  };

  const drawSurfaceLegend = () => wangge.drawLegend({
    title: t("Smooth density"),
    unit: t("reports per km² and year"),
    entries: data.surface.bands.map((band) => ({
      color: band.color,
      label: band.high === null ? t("{low} and more", { low: wangge.readable(band.low) }) : `${wangge.readable(band.low)} – ${wangge.readable(band.high)}`,
    })).reverse(),
    notes: [
      t("Gaussian kernel, bandwidth {bandwidth} m, cells of {cell} m, {n} reports.", {
        bandwidth: number(data.surface.bandwidth_m, 0), cell: number(data.surface.cell_m, 0), n: number(data.surface.reports, 0) }),
      t("Nothing is drawn below three reports in one place."),
    ],
  });

  const refresh = () => {
    const totals = recount(), own = atLevel();
    table.setColumns(columns());
    table.setRows(own.map((grid) => ({ ...grid, note: grid.code })));
    if (state.selected && !own.some((grid) => grid.code === state.selected)) select(null, false);
    table.select(state.selected, false);
    const within = own.reduce((sum, grid) => sum + grid.reports, 0);
    const missing = totals.located - within;
    wangge.tiles("totals", [
      { label: t("Located"), value: number(totals.located, 0) },
      { label: t("Outside"), value: number(totals.outside, 0) },
      { label: t("Unlocated"), value: number(totals.unlocated, 0) },
      ...(data.hasHouseholds ? [{ label: t("Households"), value: number(data.households, 0) }] : []),
    ]);
    const filtered = isFiltered();
    wangge.fill("remark", [
      missing > 0 ? t("{n} located reports lie in no grid of this level.", { n: number(missing, 0) }) : "",
      filtered && state.surface ? t("The smooth surface is of the whole period and of all reports; it is hidden while a filter is set.") : "",
    ].filter(Boolean).join(" "));
    document.getElementById("reset").disabled = !filtered;
    document.getElementById("rows").textContent = t("{n} areas", { n: number(own.length, 0) });
    paint();
  };

  const labels = new wangge.Labels(data.labels);
  wangge.setUpPanel(map);
  wangge.setUpBase(map, layers, layers[data.levels[0].layer]);
  labels.addTo(map);
  const change = (key) => (value) => { state[key] = value; refresh(); };
  wangge.choices("levels", data.levels.map(({ id, label }) => ({ value: id, label })), state.level, (level) => {
    state.level = level;
    refresh();
  });
  wangge.choices("measures", measures.map(([value, { label }]) => ({ value, label })), state.measure, (measure) => {
    state.measure = measure;
    table.sort = { id: measure, down: true };
    refresh();
  });
  const options = (all, names) => [{ value: ALL, label: all }, ...names.map((label, i) => ({ value: String(i), label: label || t("(without)") }))];
  const months = data.months.map((label, i) => ({ value: String(i), label }));
  const selects = {
    category: wangge.select("category", options(t("All"), data.categories), ALL, change("category")),
    kind: wangge.select("kind", options(t("All"), data.kinds), ALL, change("kind")),
    from: wangge.select("from", months, "0", (value) => { state.from = Number(value); if (state.to < state.from) { state.to = state.from; selects.to.value = value; } refresh(); }),
    to: wangge.select("to", months, String(state.to), (value) => { state.to = Number(value); if (state.from > state.to) { state.from = state.to; selects.from.value = value; } refresh(); }),
  };
  document.getElementById("reset").addEventListener("click", () => {
    Object.assign(state, { category: ALL, kind: ALL, from: 0, to: data.months.length - 1 });
    Object.assign(selects.category, { value: ALL });
    Object.assign(selects.kind, { value: ALL });
    Object.assign(selects.from, { value: "0" });
    Object.assign(selects.to, { value: String(state.to) });
    refresh();
  });
  const smooth = document.getElementById("smooth");
  smooth.disabled = !data.surface;
  smooth.addEventListener("change", () => { state.surface = smooth.checked; refresh(); });
  document.getElementById("csv").addEventListener("click", () => wangge.download(data.fileName, table.toCsv([
    { csv: t("Code"), value: (g) => g.code },
    { csv: t("Area km²"), value: (g) => g.area_km2 },
    { csv: t("Households"), value: (g) => g.households },
  ])));
  refresh();
  wangge.fitDistrict();
  wangge.page = { state, grids, table, labels, select, map };
};
