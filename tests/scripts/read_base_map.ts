// Reads a base map from stdin with the page's reader; says how many points each part has.

import { readFileSync } from "node:fs";
import { readBaseMap } from "../../web/src/basemap.ts";

const raw = new Uint8Array(readFileSync(0));
const { land, borders } = readBaseMap(raw);
let isCutRefused = false;
try {
  readBaseMap(raw.subarray(0, -1));
} catch {
  isCutRefused = true;
}
process.stdout.write(
  JSON.stringify({
    // A ring ends before its first point comes again in the file, and with it on the map.
    land: land.map((polygon) => polygon.map((ring) => ring.length - 1)),
    borders: borders.map((line) => line.length),
    last: borders.at(-1)?.at(-1),
    isCutRefused,
  }),
);
