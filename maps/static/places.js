// What does an answer look like on the map: the place, its doubt, its grid, and the candidates?
"use strict";

(function () {
  const { el } = wangge;
  const SMALL_PX = 130, DOT_PX = 9, PIN_PX = 14, ACCENT = "#c8361d", M_PER_DEG = 111320;
  const pane = "marked", interactive = false;

  // The way in metres from a place to the nearest edge of polygons, on a plane around the place.
  wangge.wayTo = (point, layer) => {
    const east = Math.cos((point.lat * Math.PI) / 180) * M_PER_DEG;
    const flat = ({ lat, lng }) => [(lng - point.lon) * east, (lat - point.lat) * M_PER_DEG];
    let least = Infinity;
    const measure = (ring) => ring.forEach((corner, i) => {
      const [x, y] = flat(corner), [x2, y2] = flat(ring[(i + 1) % ring.length]);
      const dx = x2 - x, dy = y2 - y, length = dx * dx + dy * dy;
      const along = length ? Math.max(0, Math.min(1, -(x * dx + y * dy) / length)) : 0;
      least = Math.min(least, Math.hypot(x + along * dx, y + along * dy));
    });
    const walk = (rings) => (Array.isArray(rings[0]) ? rings.forEach(walk) : measure(rings));
    layer.eachLayer((each) => walk(each.getLatLngs()));
    return Number.isFinite(least) ? least : null;
  };

  wangge.Places = class {
    constructor(map, labels) {
      this.map = map;
      this.labels = labels;
      this.pins = L.layerGroup().addTo(map);
      this.markers = [];
    }

    clear() {
      this.pins.clearLayers();
      this.markers = [];
      this.labels.setMarks([]);
      wangge.highlight(this.map, null);
    }

    showPoint({ lon, lat }, radius_m) {
      const place = [lat, lon];
      const dot = (radius, fillColor) => L.circleMarker(place, { pane, interactive, radius, stroke: false, fillColor, fillOpacity: 1 });
      if (radius_m) this.circle = L.circle(place, { pane, interactive, radius: radius_m, color: ACCENT, weight: 1.5, dashArray: "5 4", fillColor: ACCENT, fillOpacity: 0.08 }).addTo(this.pins);
      this.dots = [dot(8, "#ffffff"), dot(5.5, ACCENT)];
      this.dots.forEach((each) => each.addTo(this.pins));
      this.labels.setMarks([place], DOT_PX);
      if (!this.map.getBounds().contains(place) && this.map.options.maxBounds.contains(place)) this.map.panTo(place);
      if (radius_m) this.bringIntoView(this.circle.getBounds());
    }

    // Numbered like the list beside the map; the keyboard uses the list.
    showCandidates(points, onChoose) {
      const placed = points.map((point, i) => ({ point, i })).filter(({ point }) => point);
      for (const { point, i } of placed) {
        const icon = L.divIcon({ className: "pin", html: el("span", {}, String(i + 1)), iconSize: [26, 26] });
        const marker = L.marker([point.lat, point.lon], { icon, keyboard: false, riseOnHover: true, bubblingMouseEvents: false });
        marker.on("click", () => onChoose(i));
        this.markers[i] = marker.addTo(this.pins);
      }
      if (!placed.length) return;
      this.labels.setMarks(placed.map(({ point }) => [point.lat, point.lon]), PIN_PX);
      const bounds = L.latLngBounds(placed.map(({ point }) => [point.lat, point.lon]));
      this.bringIntoView(bounds.pad(0.15));
    }

    choose(chosen) {
      this.markers.forEach((marker, i) => {
        marker.getElement().classList.toggle("chosen", i === chosen);
        marker.setZIndexOffset(i === chosen ? 1000 : 0);
      });
      const marker = this.markers[chosen];
      if (marker && !this.map.getBounds().pad(-0.1).contains(marker.getLatLng())) this.map.panTo(marker.getLatLng());
    }

    outline(feature) {
      const layer = L.geoJSON(feature);
      wangge.highlight(this.map, layer, "rgba(200, 54, 29, .16)");
      (this.dots || []).forEach((dot) => this.pins.hasLayer(dot) && dot.bringToFront());
      this.bringIntoView(layer.getBounds());
    }

    // A third of the view, so that one still sees where in the district this is.
    bringIntoView(bounds) {
      const { map } = this, size = map.getSize();
      const [a, b] = [bounds.getNorthWest(), bounds.getSouthEast()].map((corner) => map.latLngToContainerPoint(corner));
      const isSmall = Math.max(b.x - a.x, b.y - a.y) < SMALL_PX;
      const animate = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (isSmall) map.flyToBounds(bounds.pad(1), { maxZoom: 17, duration: 0.6, animate });
      else if (a.x < 0 || a.y < 0 || b.x > size.x || b.y > size.y) map.flyToBounds(bounds, { padding: [50, 50], maxZoom: map.getZoom(), duration: 0.4, animate });
    }
  };
})();
