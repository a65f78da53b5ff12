// The base map: land and borders of Natural Earth (public domain), and nothing else. No sea, islet or country has a name
// here, for which name is shown is itself a statement. One small file, read by `src/basemap.ts`.
//
// All numbers are varints (7 bits each, low ones first): version 1, units per degree, count of polygons; each polygon a
// count of rings; each ring a count of points; then a count of lines, each a count of points. A point is the difference
// to the one before in its ring or line, longitude then latitude, zigzag; a ring ends before its first point comes again.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { feature, mesh } from "topojson-client";

const UNITS_PER_DEGREE = 500;
const require = createRequire(import.meta.url);
const readAtlas = (name) => JSON.parse(readFileSync(require.resolve(`world-atlas/${name}`), "utf8"));

export function makeBaseMap() {
  const land = readAtlas("land-50m.json");
  const countries = readAtlas("countries-50m.json");
  const polygons = feature(land, land.objects.land).features.flatMap(({ geometry }) =>
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates,
  );
  const borders = mesh(countries, countries.objects.countries, (one, other) => one !== other).coordinates;
  const out = [];
  put(out, 1);
  put(out, UNITS_PER_DEGREE);
  const rings = polygons.map((polygon) => polygon.map((ring) => thin(ring.slice(0, -1))).filter((ring) => ring.length >= 3));
  const kept = rings.filter((polygon) => polygon.length > 0);
  put(out, kept.length);
  for (const polygon of kept) {
    put(out, polygon.length);
    for (const ring of polygon) putPoints(out, ring);
  }
  const lines = borders.map(thin).filter((line) => line.length >= 2);
  put(out, lines.length);
  for (const line of lines) putPoints(out, line);
  return Uint8Array.from(out);
}

/** Points on the grid, those left out that fall on the one before. */
function thin(points) {
  const found = [];
  for (const [longitude, latitude] of points) {
    const point = [Math.round(longitude * UNITS_PER_DEGREE), Math.round(latitude * UNITS_PER_DEGREE)];
    const last = found.at(-1);
    if (last === undefined || last[0] !== point[0] || last[1] !== point[1]) found.push(point);
  }
  return found;
}

function putPoints(out, points) {
  put(out, points.length);
  let [x, y] = [0, 0];
  for (const point of points) {
    put(out, zigzag(point[0] - x));
    put(out, zigzag(point[1] - y));
    [x, y] = point;
  }
}

const zigzag = (value) => (value < 0 ? -2 * value - 1 : 2 * value);

function put(out, value) {
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  out.push(rest);
}
