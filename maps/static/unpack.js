// How do packed outlines become GeoJSON again? The counterpart of maps/packing.py.
"use strict";
var wangge = window.wangge || {};

(function () {
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const BITS = Object.fromEntries([...ALPHABET].map((letter, i) => [letter, i]));
  const TYPES = ["MultiPoint", "MultiLineString", "MultiPolygon"];

  wangge.decode = function (text) {
    const points = [];
    let at = 0, lat = 0, lon = 0;
    const read = () => {
      let value = 0, shift = 0, bits;
      do {
        bits = BITS[text[at++]];
        value |= (bits & 0x1f) << shift;
        shift += 5;
      } while (bits >= 0x20);
      return value & 1 ? ~(value >>> 1) : value >>> 1;
    };
    while (at < text.length) {
      lat += read();
      lon += read();
      points.push([lon / 1e6, lat / 1e6]);
    }
    return points;
  };

  // A point is a circle of so many metres, or else a dot; Leaflet does not hand it the layer's pane.
  wangge.placePoints = (options) => ({ properties }, place) =>
    properties.radius_m
      ? L.circle(place, { ...options, radius: properties.radius_m })
      : L.circleMarker(place, options);

  wangge.unpack = function (packed, properties) {
    const features = packed.map(([dimension, parts], i) => {
      const lines = parts.map((part) => part.map(wangge.decode));
      const isPoint = dimension === 0 && lines.length === 1;
      const coordinates = isPoint ? lines[0][0][0]
        : dimension === 2 ? lines : lines.map((l) => (dimension === 1 ? l[0] : l[0][0]));
      return {
        type: "Feature",
        id: String(i),
        properties: { i, ...properties[i] },
        geometry: { type: isPoint ? "Point" : TYPES[Math.max(0, dimension)], coordinates },
      };
    });
    return { type: "FeatureCollection", features };
  };
})();
