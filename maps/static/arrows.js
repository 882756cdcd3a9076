// Which way does ground change hands? Arrows of a steady size across a border, whatever the zoom.
"use strict";

(function () {
  const HEAD = 8, LENGTH = 26;

  // arrows: [lon, lat, lon, lat] of a place on a border and of one that the arrow points at; the
  // important ones first.
  wangge.Arrows = L.Layer.extend({
    initialize(arrows) {
      this.arrows = arrows;
    },

    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide labels", map.getPane("marked"));
      this.canvas.setAttribute("aria-hidden", "true");
      map.on("moveend zoomend resize viewreset", this.draw, this);
      this.draw();
    },

    onRemove(map) {
      this.canvas.remove();
      map.off("moveend zoomend resize viewreset", this.draw, this);
    },

    draw() {
      const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      Object.assign(this.canvas, { width: size.x * ratio, height: size.y * ratio });
      Object.assign(this.canvas.style, { width: size.x + "px", height: size.y + "px" });
      const pen = this.canvas.getContext("2d");
      pen.scale(ratio, ratio);
      pen.lineJoin = pen.lineCap = "round";
      this.drawn = [];
      for (const [x0, y0, x1, y1] of this.arrows) {
        const at = map.latLngToContainerPoint([y0, x0]);
        const way = map.latLngToContainerPoint([y1, x1]).subtract(at);
        const half = way.multiplyBy(LENGTH / 2 / (at.distanceTo(at.add(way)) || 1));
        // Seen from far away, the lesser arrows make room.
        if (this.drawn.every((other) => other.at.distanceTo(at) > LENGTH)) this.drawn.push({ at, from: at.subtract(half), to: at.add(half) });
      }
      for (const [style, width] of [["rgba(255,255,255,.9)", 5.5], ["#1d2733", 2.2]]) {
        this.drawn.forEach(({ from, to }) => drawArrow(pen, from, to, style, width));
      }
    },
  });

  const drawArrow = (pen, from, to, style, width) => {
    const angle = Math.atan2(to.y - from.y, to.x - from.x);
    const side = (turn) => [to.x - HEAD * Math.cos(angle + turn), to.y - HEAD * Math.sin(angle + turn)];
    Object.assign(pen, { strokeStyle: style, lineWidth: width });
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
    pen.moveTo(...side(0.5));
    pen.lineTo(to.x, to.y);
    pen.lineTo(...side(-0.5));
    pen.stroke();
  };
})();
