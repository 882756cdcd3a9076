// Which names fit on the map without covering each other? The most important first.
"use strict";

(function () {
  const FONT = '"Noto Sans CJK SC","Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif';
  const STYLES = {
    area: { size: 13, weight: 600, fill: "#1d2733", halo: "rgba(255,255,255,.86)" },
    context: { size: 12.5, weight: 600, fill: "#33404d", halo: "rgba(255,255,255,.8)" },
    value: { size: 12, weight: 700, fill: "#1d2733", halo: "rgba(255,255,255,.86)" },
    road: { size: 11, weight: 400, fill: "#5d6167", halo: "rgba(255,255,255,.9)" },
    water: { size: 13, weight: 400, fill: "#4f7f9b", halo: "rgba(255,255,255,.55)" },
    green: { size: 11, weight: 400, fill: "#5f7d50", halo: "rgba(255,255,255,.7)" },
    place: { size: 11, weight: 400, fill: "#5d6167", halo: "rgba(255,255,255,.9)" },
  };

  wangge.Labels = L.Layer.extend({
    initialize(fixed) {
      this.fixed = fixed.map((label) => ({ ...label, line: label.line && wangge.decode(label.line) }));
      this.areas = [];
      this.context = [];
      this.marks = [];
    },

    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide labels", map.getPane("labels"));
      this.canvas.setAttribute("aria-hidden", "true");
      map.on("moveend zoomend resize viewreset", this.draw, this);
      this.draw();
    },

    onRemove(map) {
      this.canvas.remove();
      map.off("moveend zoomend resize viewreset", this.draw, this);
    },

    // Where the areas are too small for their own labels, the wider ones around them are named.
    setAreas(areas, context) {
      this.areas = areas;
      this.context = context;
      if (this._map) this.draw();
    },

    // No name may cover what is marked, each within so many pixels.
    setMarks(places, radius_px) {
      this.marks = places.map((place) => ({ place, radius_px }));
      if (this._map) this.draw();
    },

    draw() {
      const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      Object.assign(this.canvas, { width: size.x * ratio, height: size.y * ratio });
      Object.assign(this.canvas.style, { width: size.x + "px", height: size.y + "px" });
      this.pen = this.canvas.getContext("2d");
      this.pen.scale(ratio, ratio);
      this.taken = [];
      this.drawn = [];
      for (const { place, radius_px } of this.marks) {
        const at = map.latLngToContainerPoint(place);
        this.taken.push([at.x - radius_px, at.y - radius_px, 2 * radius_px, 2 * radius_px]);
      }
      const rooms = this.areas.map((area) => (2 * area.radius_m) / wangge.metresPerPixel(map));
      const fits = this.areas.filter((area, i) => rooms[i] > 30 && this.choose(area, rooms[i]).length);
      const isTight = fits.length < 0.6 * rooms.length;
      if (isTight) this.context.forEach((area) => this.drawLines(area, [[area.name, STYLES.context]]));
      else this.areas.forEach((area, i) => this.drawArea(area, rooms[i]));
      this.fixed.forEach((label) => {
        if (map.getZoom() < label.zoom) return;
        if (label.line) this.drawAlong(label); else this.drawPlace(label);
      });
    },

    // An area shows what the circle that fits into it can hold.
    drawArea(area, room) {
      const fits = this.choose(area, room);
      if (room > 22 && fits.length) this.drawLines(area, fits);
    },

    choose(area, room) {
      const lines = [[area.name, STYLES.area], [area.value, STYLES.value]].filter(([text]) => text);
      return lines.filter(([text, style]) => this.measure(text, style) <= room * 1.3);
    },

    drawLines({ lon, lat }, lines) {
      const at = this._map.latLngToContainerPoint([lat, lon]);
      const width = Math.max(...lines.map(([text, style]) => this.measure(text, style)));
      const height = lines.length * 16;
      if (!this.take(at.x - width / 2, at.y - height / 2, width, height)) return;
      lines.forEach(([text, style], i) => this.write(text, at.x, at.y - height / 2 + 8 + i * 16, style));
      this.drawn.push(lines.map(([text]) => text).join(" "));
    },

    drawPlace({ text, lon, lat, kind }) {
      const style = STYLES[kind], at = this._map.latLngToContainerPoint([lat, lon]);
      const width = this.measure(text, style);
      if (!this.take(at.x - width / 2, at.y - 8, width, 16)) return;
      this.write(text, at.x, at.y, style);
      this.drawn.push(text);
    },

    // Letters follow the line and stay upright; Chinese names are spread a little.
    drawAlong({ text, line, kind }) {
      const style = STYLES[kind], size = this._map.getSize();
      const path = line.map(([lon, lat]) => this._map.latLngToContainerPoint([lat, lon]));
      const letters = [...text];
      const gap = kind === "water" ? 10 : /[\u3400-\u9fff]/.test(text) ? 3 : 0;
      const widths = letters.map((letter) => this.measure(letter, style) + gap);
      const length = widths.reduce((sum, width) => sum + width, 0);
      const stretch = bestStretch(path, length, size);
      if (!stretch) return;
      const places = [];
      let at = stretch.from;
      for (let i = 0; i < letters.length; i++) {
        places.push({ letter: letters[i], ...pointAt(stretch.path, at + widths[i] / 2) });
        at += widths[i];
      }
      const boxes = places.map((place) => [place.x - 7, place.y - 7, 14, 14]);
      if (boxes.some((box) => this.hits(...box))) return;
      boxes.forEach((box) => this.taken.push(box));
      places.forEach((place) => this.write(place.letter, place.x, place.y, style, place.angle));
      this.drawn.push(text);
    },

    measure(text, style) {
      this.pen.font = `${style.weight} ${style.size}px ${FONT}`;
      return this.pen.measureText(text).width;
    },

    hits(x, y, width, height) {
      return this.taken.some(([a, b, w, h]) => x < a + w + 3 && a < x + width + 3 && y < b + h + 2 && b < y + height + 2);
    },

    take(x, y, width, height) {
      if (this.hits(x, y, width, height)) return false;
      this.taken.push([x, y, width, height]);
      return true;
    },

    write(text, x, y, style, angle) {
      const pen = this.pen;
      pen.save();
      pen.translate(x, y);
      if (angle) pen.rotate(angle);
      pen.font = `${style.weight} ${style.size}px ${FONT}`;
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.lineJoin = "round";
      pen.lineWidth = 3.5;
      pen.strokeStyle = style.halo;
      pen.strokeText(text, 0, 0);
      pen.fillStyle = style.fill;
      pen.fillText(text, 0, 0);
      pen.restore();
    },
  });

  // The straightest visible stretch of a line that is long enough, read from left to right.
  const bestStretch = (path, length, size) => {
    const lengths = [0];
    for (let i = 1; i < path.length; i++) lengths.push(lengths[i - 1] + path[i].distanceTo(path[i - 1]));
    const whole = lengths[lengths.length - 1];
    if (whole < length * 1.15) return null;
    let best = null;
    for (let part = 0; part <= 16; part++) {
      const from = ((whole - length) * part) / 16;
      const a = pointAt(path, from), b = pointAt(path, from + length), m = pointAt(path, from + length / 2);
      if (![a, b, m].every((p) => p.x > 12 && p.y > 12 && p.x < size.x - 12 && p.y < size.y - 12)) continue;
      const straight = Math.hypot(b.x - a.x, b.y - a.y) / length;
      const central = 1 - Math.abs(part - 8) / 8;
      const score = straight + 0.06 * central;
      if (straight > 0.93 && (!best || score > best.score)) best = { score, from, flip: isSteep(b.x - a.x, b.y - a.y) ? b.y < a.y : b.x < a.x };
    }
    if (!best) return null;
    if (!best.flip) return { path, from: best.from };
    return { path: [...path].reverse(), from: whole - best.from - length };
  };

  const isSteep = (dx, dy) => Math.abs(dy) > 1.75 * Math.abs(dx);

  const pointAt = (path, distance) => {
    let rest = distance;
    for (let i = 1; i < path.length; i++) {
      const a = path[i - 1], b = path[i], step = b.distanceTo(a);
      if (rest <= step || i === path.length - 1) {
        const part = step ? rest / step : 0;
        let angle = Math.atan2(b.y - a.y, b.x - a.x);
        // Letters of a steep street stand upright, one under the other, as Chinese signs do.
        if (isSteep(b.x - a.x, b.y - a.y)) angle -= Math.PI / 2;
        return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part, angle };
      }
      rest -= step;
    }
    return { x: path[0].x, y: path[0].y, angle: 0 };
  };
})();
