// What changes from one plan to the next, where, and for whom? The page of a change.
"use strict";

wangge.mountDiff = function ({ map, layers }) {
  const { data, t, number, el } = wangge;
  const SIDES = ["before", "after"];
  const KINDS = {
    moved: t("border moved"), merged: t("merged"), split: t("split off"),
    new: t("new ground"), retired: t("without a grid"), renamed: t("only the code changed"),
  };
  const state = { view: "changes", tab: "handovers", selected: null, grid: null };
  const handovers = data.handovers.map((row, i) => ({ ...row, code: String(i) }));
  const recodes = handovers.filter((row) => row.kind === "renamed").length, moves = handovers.length - recodes;
  const isSmall = handovers.every((row) => row.area_m2 < 1e6);
  const main = data.kinds.length ? 0 : -1;
  const km2 = (m2) => wangge.readable(m2 / 1e6);
  const percent = (share) => (share === null ? "—" : (share > 0 ? "+" : share < 0 ? "−" : "") + number(Math.abs(100 * share), 0) + " %");
  const amount = (value) => number(value, Number.isInteger(value) ? 0 : 1);
  const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "±") + amount(Math.abs(value));
  const nameOf = ([code, name]) => (code === null ? t("no grid") : name);
  // Of two areas of one name the new code is told.
  const isCode = ({ from, to }) => to[0] !== null && from[1] === to[1];
  const pairOf = (row) => [nameOf(row.from), isCode(row) ? row.to[0] : nameOf(row.to)];
  const short = (name, parent) => (parent && name.startsWith(parent) && name.length > parent.length ? name.slice(parent.length) : name);

  // Totals say of how many.
  const totals = data.totals.filter(([kind, , all]) => kind === "area_m2" || all > 0);
  const labelOf = (kind) => (kind === "area_m2" ? t("Area km²") : data.kinds.find(({ id }) => id === kind).label);
  const show = (kind, value) => (kind === "area_m2" ? km2(value) : amount(value));
  const share = (part, all) => {
    const value = all ? (100 * part) / all : 0;
    return value > 0 && value < 0.1 ? "< 0.1 %" : number(value, value < 10 && value > 0 ? 1 : 0) + " %";
  };
  wangge.fill("totals",
    el("caption", {}, t("Change hands")),
    el("tbody", {}, ...totals.map(([kind, moved, all]) => el("tr", {},
      el("th", { scope: "row" }, labelOf(kind)),
      el("td", { class: "moved" }, show(kind, moved)),
      el("td", { class: "of" }, t("of {all}", { all: show(kind, all) })),
      el("td", { class: "of" }, share(moved, all))))));

  const [kind, , everything, recoded] = totals.find(([each]) => each === "households") || totals[0];
  wangge.fill("remark", recoded > 0
    ? t("Only another code: {kind} {n} of {all}.", { n: show(kind, recoded), all: show(kind, everything), kind: labelOf(kind) }) : "");

  // The two tables.
  const lines = (row) => {
    const [from, to] = pairOf(row);
    return el("span", { class: "pair" }, el("span", {}, from), el("span", { class: isCode(row) ? "whole" : "" }, "→ " + to));
  };
  const kindColumns = data.kinds.slice(0, 2).map(({ label, id }, i) =>
    ({ id, label, digits: 0, text: (row) => amount(row.amounts[i]), value: (row) => row.amounts[i] }));
  const columns = [
    { id: "pair", label: t("From → to"), text: lines, value: (row) => pairOf(row).join(" → ") },
    ...kindColumns,
    isSmall
      ? { id: "area", label: t("Area m²"), digits: 0, text: (row) => number(row.area_m2, 0), value: (row) => row.area_m2 }
      : { id: "area", label: t("Area km²"), digits: 2, text: (row) => km2(row.area_m2), value: (row) => row.area_m2 / 1e6 },
  ];
  const table = new wangge.Table("table", columns, {
    sort: { id: data.kinds.length ? data.kinds[0].id : "area", down: true },
    onSelect: (code) => select(code === state.selected ? null : code, true) });
  const loadOf = (side) => (grid) => (grid[side] ? grid[side].load : null);
  const now = (grid) => grid.after || grid.before;
  const measured = data.grids.some((grid) => now(grid).load !== null);
  const areaOf = (side) => (grid) => (grid[side] ? grid[side].area_m2 / 1e6 : null);
  const gridColumns = [
    { id: "name", label: data.level, text: (grid) => now(grid).name, value: (grid) => now(grid).name },
    ...SIDES.map((side) => {
      const label = side === "before" ? t("Before") : t("After");
      return measured
        ? { id: side, label, title: t("Load"), digits: 0, text: (grid) => (grid[side] ? amount(grid[side].load) : "—"), value: loadOf(side) }
        : { id: side, label, title: t("Area km²"), digits: 2, text: (grid) => (grid[side] ? km2(grid[side].area_m2) : "—"), value: areaOf(side) };
    }),
    ...(measured ? [{ id: "deviation", label: t("Off the mean"), digits: 0, title: t("Load after, against the mean of the level"),
      text: (grid) => percent(grid.after && grid.after.deviation), value: (grid) => (grid.after ? grid.after.deviation : null) }] : []),
  ];
  const gridTable = new wangge.Table("grids", gridColumns, {
    sort: { id: measured ? "deviation" : "before", down: true }, onSelect: (code) => selectGrid(code === state.grid ? null : code, true) });
  const changed = data.grids.filter((grid) => grid.changed);

  // Shapes by what they stand for, and what they say.
  const card = { sticky: true, direction: "top", offset: [0, -6], className: "card" };
  const shapes = { before: [], after: [], moved: [] };
  for (const name of Object.keys(shapes)) {
    layers[name].eachLayer((layer) => { shapes[name][layer.feature.properties.i] = layer; });
  }
  const list = (pairs) => el("dl", {}, ...pairs.flatMap(([label, value]) => [el("dt", {}, label), el("dd", {}, value)]));
  const describe = (row) => el("div", {},
    el("strong", {}, `${nameOf(row.from)} → ${nameOf(row.to)}`),
    el("small", {}, `${row.from[0] || "—"} → ${row.to[0] || "—"}`),
    el("small", {}, KINDS[row.kind]),
    list([...data.kinds.map(({ label }, i) => [label, amount(row.amounts[i])]), [t("Area"), isSmall ? `${number(row.area_m2, 0)} m²` : `${km2(row.area_m2)} km²`]]));
  const describeGrid = (grid, side) => el("div", {},
    el("strong", {}, grid[side].name), el("small", {}, grid.code),
    list([
      ...(measured ? [[t("Load"), amount(grid[side].load)], [t("Off the mean"), percent(grid[side].deviation)]] : []),
      ...data.kinds.map(({ label }, i) => [label, amount(grid[side].amounts[i])]),
      [t("Area"), `${km2(grid[side].area_m2)} km²`]]));
  handovers.filter((row) => row.shape >= 0).forEach((row) => {
    shapes.moved[row.shape].bindTooltip(() => describe(row), card)
      .on("click", () => { showTab("handovers"); select(row.code === state.selected ? null : row.code, false); });
  });
  for (const grid of data.grids) {
    for (const side of SIDES.filter((each) => grid[each])) {
      shapes[side][grid[side].shape].bindTooltip(() => describeGrid(grid, side), card)
        .on("click", () => { showTab("grids"); selectGrid(grid.code === state.grid ? null : grid.code, false); });
    }
  }

  const mark = (layer, move) => {
    wangge.highlight(map, layer);
    if (layer && move) map.fitBounds(layer.getBounds(), { padding: [90, 90], maxZoom: 16 });
  };
  const select = (code, move) => {
    state.selected = code;
    table.select(code, !move);
    const row = code && handovers[Number(code)];
    mark(row && row.shape >= 0 ? shapes.moved[row.shape] : null, move);
  };
  const selectGrid = (code, move) => {
    state.grid = code;
    gridTable.select(code, !move);
    const grid = code && data.grids.find((each) => each.code === code);
    const side = grid && (state.view === "before" ? (grid.before ? "before" : "after") : grid.after ? "after" : "before");
    mark(grid ? shapes[side][grid[side].shape] : null, move);
  };

  const tabs = [{ value: "handovers", label: t("Handovers") }, { value: "grids", label: t("Load of each area") }];
  const showTab = (tab) => {
    if (state.tab !== tab) mark(null);
    state.tab = tab;
    wangge.choices("tabs", tabs, tab, showTab);
    document.getElementById("handovers-box").hidden = tab !== "handovers";
    document.getElementById("grids-box").hidden = tab !== "grids";
    document.getElementById("rows").textContent = tab === "handovers"
      ? [
        ...(moves || !recodes ? [t("{n} handovers", { n: number(moves, 0) })] : []),
        ...(recodes ? [t("{n} only get another code", { n: number(recodes, 0) })] : []),
      ].join(" · ")
      : t("{n} of {m} areas change", { n: number(changed.length, 0), m: number(data.grids.length, 0) });
  };

  // What the map shows in each view.
  const classOf = (deviation) => data.bounds.filter((bound) => deviation >= bound).length;
  const colourOf = (deviation) => (deviation === null ? data.colours.noData : data.colours.deviation[classOf(deviation)]);
  const place = (layer, shown) => { if (shown) map.addLayer(layer); else map.removeLayer(layer); };
  const isOn = (id) => document.getElementById(id).checked;

  const paint = () => {
    const isChange = state.view === "changes", side = isChange ? "after" : state.view;
    place(layers.before, false);
    place(layers.after, false);
    place(layers.moved, false);
    place(layers[side], true);
    place(layers.moved, isChange);
    for (const grid of data.grids.filter((each) => each[side])) {
      shapes[side][grid[side].shape].setStyle({ stroke: false, fillOpacity: isChange || !measured ? 0 : 1,
        fillColor: colourOf(grid[side].deviation) });
    }
    for (const row of handovers.filter((each) => each.shape >= 0)) {
      shapes.moved[row.shape].setStyle({ stroke: false, fillOpacity: 0.9, fillColor: data.colours.kinds[row.kind] });
    }
    drawBorders(side);
    place(layers.vanished, isOn("show-vanished") && state.view !== "after");
    place(layers.new, isOn("show-new") && state.view !== "before");
    place(arrows, isChange && isOn("show-arrows"));
    const areas = labelAreas(side, isChange);
    // Where names do not fit, only the figures of what changes stay, or the names one level up.
    const figures = areas.filter((area) => isChange && area.value).map((area) => ({ ...area, name: area.value }));
    labels.setAreas(areas, figures.length ? figures : data.context);
    for (const [id, isMeant] of [
      ["vanished", state.view !== "after" && data.borders.vanished > 0],
      ["new", state.view !== "before" && data.borders.new > 0],
      ["arrows", isChange && handovers.some((row) => row.arrow)],
    ]) {
      document.getElementById("show-" + id).disabled = !isMeant;
    }
    drawLegend(isChange, side);
  };

  const drawBorders = (side) => {
    if (wangge.borders) wangge.borders.remove();
    const outline = (layer, weight, opacity) => L.geoJSON(layer.toGeoJSON(6), {
      pane: "borders", interactive: false, smoothFactor: 0.7,
      style: { color: "#25323f", weight, opacity, fill: false, lineJoin: "round" } });
    wangge.borders = L.layerGroup([outline(layers[side], 0.9, 0.42), outline(layers.context, 1.6, 0.6), outline(layers.outline, 2.6, 0.8)]).addTo(map);
  };

  // In the view of changes only what changes has a name, with what it gains or loses.
  const labelAreas = (side, isChange) => {
    const shown = (isChange ? changed : data.grids).filter((grid) => grid[side]);
    return shown.map((grid) => {
      const own = grid[side], was = grid.before;
      const gain = main >= 0 && was && grid.after ? grid.after.amounts[main] - was.amounts[main] : null;
      const value = isChange ? (gain === null ? "" : signed(gain)) : measured ? percent(own.deviation) : "";
      return { ...own, name: short(own.name, own.parent), value };
    });
  };

  const figured = () => main >= 0 && changed.some((grid) => grid.before && grid.after);
  const drawLegend = (isChange, side) => {
    const length = (m) => (m >= 1000 ? `${number(m / 1000, 1)} km` : `${number(m, 0)} m`);
    const borders = [
      ...(state.view !== "before" && isOn("show-new") && data.borders.new ? [{ color: data.colours.new, label: t("new border"), count: length(data.borders.new), kind: "line" }] : []),
      ...(state.view !== "after" && isOn("show-vanished") && data.borders.vanished ? [{ color: data.colours.vanished, label: t("vanished border"), count: length(data.borders.vanished), kind: "dashed" }] : []),
    ];
    if (isChange) {
      const kinds = Object.keys(KINDS).filter((kind) => handovers.some((row) => row.kind === kind));
      wangge.drawLegend({
        title: t("What changes"), unit: moves || !recodes ? t("ground that changes hands") : t("no ground changes hands"),
        entries: [...kinds.map((kind) => ({ color: data.colours.kinds[kind], label: KINDS[kind],
          count: number(handovers.filter((row) => row.kind === kind).length, 0) })), ...borders],
        notes: [
          ...(handovers.length ? [] : [t("No ground changes hands.")]),
          ...(figured() ? [t("The numbers on the map: {kind} gained or lost.", { kind: data.kinds[main].label })] : []),
        ],
      });
      return;
    }
    const own = data.grids.filter((grid) => grid[side]);
    const count = (i) => number(own.filter((grid) => grid[side].deviation !== null && classOf(grid[side].deviation) === i).length, 0);
    const labelsOf = [t("below {high}", { high: percent(data.bounds[0]) }), ...data.bounds.slice(1).map((high, i) => `${percent(data.bounds[i])} … ${percent(high)}`),
      t("{low} and more", { low: percent(data.bounds[data.bounds.length - 1]) })];
    wangge.drawLegend({
      title: side === "before" ? t("Before") : t("After"), unit: data.sides[SIDES.indexOf(side)],
      entries: [...(measured ? labelsOf.map((label, i) => ({ color: data.colours.deviation[i], label, count: count(i) })).reverse() : []), ...borders],
      notes: measured ? [t("Load against the mean of the level; right: number of areas.")] : [],
    });
  };

  const labels = new wangge.Labels(data.labels);
  const arrows = new wangge.Arrows(handovers.filter((row) => row.arrow).map((row) => row.arrow));
  wangge.setUpPanel(map);
  wangge.setUpBase(map, layers, layers.outline);
  labels.addTo(map);
  table.setRows(handovers);
  gridTable.setRows(changed.map((grid) => ({ ...grid, note: grid.code })));
  showTab("handovers");
  wangge.choices("views", [
    { value: "changes", label: t("What changes") }, { value: "before", label: t("Before") }, { value: "after", label: t("After") },
  ], state.view, (view) => { state.view = view; paint(); });
  for (const id of ["show-vanished", "show-new", "show-arrows"]) document.getElementById(id).addEventListener("change", paint);
  document.getElementById("csv").addEventListener("click", () => {
    const isHandover = state.tab === "handovers";
    const more = isHandover
      ? [{ csv: t("From: code"), value: (row) => row.from[0] || "" }, { csv: t("To: code"), value: (row) => row.to[0] || "" }, { csv: t("Kind"), value: (row) => KINDS[row.kind] },
        ...data.kinds.slice(2).map(({ label }, i) => ({ csv: label, value: (row) => row.amounts[i + 2] }))]
      : [{ csv: t("Code"), value: (grid) => grid.code }];
    wangge.download(`${data.fileName}_${isHandover ? t("Handovers") : t("Load of each area")}.csv`, (isHandover ? table : gridTable).toCsv(more));
  });
  paint();
  wangge.fitDistrict();
  // A small change would be lost in a large district; the button with the house shows all of it.
  const ground = layers.moved.getBounds();
  if (ground.isValid() && map.getBoundsZoom(ground.pad(0.5)) > map.getZoom()) {
    map.fitBounds(ground.pad(0.5), { maxZoom: 16, animate: false });
  }
  wangge.page = { state, handovers, grids: data.grids, table, gridTable, labels, arrows, shapes, select, map };
};
