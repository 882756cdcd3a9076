// How does the base map behave when the view changes? Roads grow, buildings and the frame appear.
"use strict";

(function () {
  const BUILDINGS_FROM_ZOOM = 14.75;
  const LANES_FROM_ZOOM = 14.25;
  const MAIN_WIDTH_PX = 2;

  // Metres that a pixel stands for, at the middle of the view.
  wangge.metresPerPixel = (map) =>
    (40075016.686 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** (map.getZoom() + 8);

  wangge.setUpBase = (map, layers, widest, buildingsFromZoom = BUILDINGS_FROM_ZOOM) => {
    const scaleRoads = () => {
      const factor = Math.max(0.45, Math.min(4, 2 ** ((map.getZoom() - 14.5) * 0.62)));
      for (const [layer, extra] of [[layers.casings, 1.5], [layers.roads, 0]]) {
        if (layer) layer.setStyle(({ properties }) => ({
          weight: properties.w * factor + extra,
          stroke: map.getZoom() >= LANES_FROM_ZOOM || properties.w >= MAIN_WIDTH_PX,
        }));
      }
      if (layers.buildings) {
        const shown = map.getZoom() >= buildingsFromZoom;
        if (shown !== map.hasLayer(layers.buildings)) {
          if (shown) map.addLayer(layers.buildings); else map.removeLayer(layers.buildings);
        }
      }
    };
    map.on("zoomend", scaleRoads);
    // Leaflet focuses the map at each click; a ring around all of it is for the keyboard only.
    const container = map.getContainer();
    container.addEventListener("pointerdown", () => container.classList.add("by-mouse"), true);
    container.addEventListener("keydown", () => container.classList.remove("by-mouse"));
    container.addEventListener("blur", () => container.classList.remove("by-mouse"));
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    veilOutside(map, widest);
    const bounds = widest.getBounds();
    // The legend stands at the left: the district moves aside when it would lie under it.
    const fit = () => {
      map.fitBounds(bounds, { padding: [18, 18], animate: false });
      const legend = document.getElementById("legend"), edge = legend.offsetLeft + legend.offsetWidth + 12;
      if (legend.offsetWidth && map.latLngToContainerPoint(bounds.getSouthWest()).x < edge) {
        map.fitBounds(bounds, { paddingTopLeft: [edge, 18], paddingBottomRight: [30, 18], animate: false });
      }
    };
    wangge.fitDistrict = fit;
    fit();
    map.setMaxBounds(bounds.pad(0.6));
    map.setMinZoom(map.getZoom() - 1);
    scaleRoads();
    const home = L.control({ position: "topleft" });
    home.onAdd = () => {
      const button = wangge.el("button", {
        type: "button", class: "home", title: wangge.t("Show the whole district"),
        "aria-label": wangge.t("Show the whole district"), onclick: fit,
      }, "⌂");
      L.DomEvent.disableClickPropagation(button);
      return button;
    };
    home.addTo(map);
  };

  // The level that names the surroundings of a narrow one: its communities, or the level above.
  wangge.widerAreas = (grids, levels, chosen) => {
    const at = levels.findIndex((level) => level.id === chosen);
    const wider = levels.slice(0, at).reverse();
    const context = wider.find((level) => level.id === "community") || wider[0];
    return context ? grids.filter((grid) => grid.level === context.id) : [];
  };

  // Inside its parent a grid need not repeat the parent's name.
  wangge.shortName = (grid, grids) => {
    const parent = grid.parent >= 0 ? grids[grid.parent].name : "";
    return parent && grid.name.startsWith(parent) && grid.name.length > parent.length ? grid.name.slice(parent.length) : grid.name;
  };

  // What is not the district steps back.
  const veilOutside = (map, widest) => {
    const bounds = widest.getBounds().pad(8);
    const rings = [[bounds.getSouthWest(), bounds.getNorthWest(), bounds.getNorthEast(), bounds.getSouthEast()]];
    widest.eachLayer((layer) => layer.getLatLngs().forEach((polygon) => rings.push(...polygon)));
    L.polygon(rings, {
      pane: "veil", stroke: false, fillColor: "#fbfaf7", fillOpacity: 0.72, interactive: false,
    }).addTo(map);
  };

  // The borders of the chosen level and of all wider ones, heavier the wider they are.
  wangge.drawBorders = (map, layers, levels, chosen, isFaint) => {
    if (wangge.borders) wangge.borders.remove();
    wangge.borders = L.layerGroup();
    const at = levels.findIndex((level) => level.id === chosen);
    const style = (depth) => ({
      color: "#25323f",
      weight: [0.9, 1.5, 2.1, 2.7, 3.2][depth] || 3.2,
      opacity: ([0.42, 0.6, 0.72, 0.85, 0.9][depth] || 0.9) * (isFaint && depth < 2 ? 0.45 : 1),
    });
    for (let i = at; i >= 0; i--) {
      const outline = L.geoJSON(layers[levels[i].layer].toGeoJSON(6), {
        pane: "borders", interactive: false, smoothFactor: 0.7,
        style: { ...style(at - i), fill: false, lineJoin: "round" },
      });
      wangge.borders.addLayer(outline);
    }
    wangge.borders.addTo(map);
  };

  wangge.highlight = (map, layer, fillColor) => {
    if (wangge.marked) wangge.marked.remove();
    wangge.marked = null;
    if (!layer) return;
    const line = (color, weight) => L.geoJSON(layer.toGeoJSON(6), {
      pane: "marked", interactive: false, style: { color, weight, fill: false, opacity: 1, lineJoin: "round" },
    });
    const tint = fillColor && L.geoJSON(layer.toGeoJSON(6), {
      pane: "marked", interactive: false, style: { stroke: false, fillColor, fillOpacity: 1 },
    });
    wangge.marked = L.layerGroup([...(tint ? [tint] : []), line("#ffffff", 6), line("#0b1a2a", 3)]).addTo(map);
  };
})();
