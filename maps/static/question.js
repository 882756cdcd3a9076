// What does the text in the search box ask for: a place, a grid, or an address?
"use strict";

(function () {
  const NUMBER = "([+-]?\\d+(?:\\.\\d+)?)";
  const BEFORE = "(东经|西经|北纬|南纬|经度|纬度|longitude|latitude|lon|lng|lat|[NSEW])?\\s*[:=]?\\s*";
  const ANGLE = `${BEFORE}${NUMBER}\\s*(?:[°度]\\s*(?:${NUMBER}\\s*(?:['′]|分)\\s*(?:${NUMBER}\\s*(?:"|''|′′|秒)\\s*)?)?)?([NSEW])?`;
  const PAIR = new RegExp(`^${ANGLE}(?:\\s*[,;]\\s*|\\s+|(?<=[°度分秒'′"NSEW])|(?=[东西北南经纬]))${ANGLE}$`, "i");
  // Degrees and minutes without their signs are told apart by a comma only.
  const BARE = /^([+-]?\d+)\s+(\d+(?:\.\d+)?)(?:\s+(\d+(?:\.\d+)?))?\s*[,;]\s*([+-]?\d+)\s+(\d+(?:\.\d+)?)(?:\s+(\d+(?:\.\d+)?))?$/;
  const LATITUDE = /^(北纬|南纬|纬度|lat|latitude|n|s)$/i, NEGATIVE = /^(西经|南纬|w|s)$/i;
  const DIGITS = "零一二三四五六七八九";
  const LEAST_LETTERS = 2, LEAST_DIGITS = 4, LEAST_CODE = 6, MOST_PREFIX = 24;

  const plain = (text) => text.replace(/[º˚]/g, "°").normalize("NFKC").replace(/[−–—]/g, "-")
    .replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replace(/、/g, ",").replace(/\s+/g, " ").replace(/^[\s(\[]+|[\s)\]]+$/g, "");

  const degrees = (mark, whole, minutes, seconds) => {
    if (Number(minutes || 0) >= 60 || Number(seconds || 0) >= 60) return NaN;
    const size = Math.abs(Number(whole)) + Number(minutes || 0) / 60 + Number(seconds || 0) / 3600;
    return (whole.startsWith("-") ? -1 : 1) * (NEGATIVE.test(mark || "") ? -1 : 1) * size;
  };

  // Two numbers as they were typed, and whether the text says which of them is the latitude.
  const readPair = (text) => {
    const bare = BARE.exec(text);
    if (bare) return { first: degrees("", ...bare.slice(1, 4)), second: degrees("", ...bare.slice(4, 7)) };
    const found = PAIR.exec(text);
    if (!found) return null;
    const marks = [found[1] || found[5], found[6] || found[10]];
    const [first, second] = [degrees(marks[0], ...found.slice(2, 5)), degrees(marks[1], ...found.slice(7, 10))];
    const isLatitude = marks.map((mark) => (mark ? LATITUDE.test(mark) : null));
    if (isLatitude[0] === null && isLatitude[1] === null) return { first, second };
    return (isLatitude[0] ?? !isLatitude[1])
      ? { first: second, second: first, told: true } : { first, second, told: true };
  };

  // `bounds` of the plan tell apart what the numbers alone do not: both may be below 90.
  const readPoint = (text, bounds) => {
    const pair = readPair(text);
    if (!pair) return null;
    const { first: lon, second: lat } = pair;
    const inside = (x, y) => x >= bounds.west && x <= bounds.east && y >= bounds.south && y <= bounds.north;
    const isSwapped = !pair.told && Math.abs(lon) <= 90 && (Math.abs(lat) > 90 || (!inside(lon, lat) && inside(lat, lon)));
    if (isSwapped && Math.abs(lat) <= 180) return { kind: "swapped", lon: lat, lat: lon };
    if (Math.abs(lon) <= 180 && Math.abs(lat) <= 90) return { kind: "point", lon, lat };
    return { kind: "none" };
  };

  // 第十二 and 第12 are the same number.
  const readNumeral = (text) => {
    const [tens, ones] = text.includes("十") ? text.split("十") : ["0", text];
    const digit = (letter, empty) => (letter === "" ? empty : /^\d$/.test(letter) ? Number(letter) : DIGITS.indexOf(letter));
    return digit(tens, 1) * 10 + digit(ones, 0);
  };
  const toKey = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "")
    .replace(/第([零一二三四五六七八九十]{1,3})/g, (_, numeral) => "第" + readNumeral(numeral));

  const keys = new WeakMap();
  const keyed = (grids) => {
    if (!keys.has(grids)) keys.set(grids, grids.map((grid) => ({ grid, code: toKey(grid.code), name: toKey(grid.name) })));
    return keys.get(grids);
  };
  // Grids whose code or name the text is, and those whose code begins with it or whose name has it.
  wangge.matchGrids = (text, grids) => {
    const key = toKey(text);
    const pick = (test) => keyed(grids).filter(test).map(({ grid }) => grid);
    const code = pick((each) => each.code === key);
    const same = code.length ? code : pick((each) => each.name === key);
    const others = (test) => pick(test).filter((grid) => !same.includes(grid));
    if (/^\d+$/.test(key)) return { same, similar: key.length < LEAST_DIGITS ? [] : others((each) => each.code.startsWith(key)) };
    const similar = [...key].length < LEAST_LETTERS ? [] : others((each) => each.name.includes(key));
    return { same, similar: similar.sort((a, b) => a.name.length - b.name.length) };
  };

  wangge.readQuestion = (text, { grids, bounds }) => {
    const clean = plain(text);
    if (!clean) return { kind: "empty" };
    const point = readPoint(clean, bounds);
    if (point) return point;
    const { same, similar } = wangge.matchGrids(text, grids);
    if (same.length === 1) return { kind: "grid", code: same[0].code };
    if (same.length) return { kind: "grids", grids: same };
    if (/^\d+$/.test(clean) && similar.length) return { kind: "grids", grids: similar };
    // A code of another time is known to the server only.
    if (/^\d+$/.test(clean) && clean.length >= LEAST_CODE && clean.length <= MOST_PREFIX) return { kind: "grid", code: clean };
    return { kind: "address", address: text.trim(), similar };
  };
})();
