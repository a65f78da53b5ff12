// Reads trail frames with the page's own reader: what it makes of the frame on stdin, of that frame twice, and of all
// that is cut off or changed in it; and where labels go that would lie over each other.

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

// The page's sources name each other without an ending, for the program that puts them together.
registerHooks({
  resolve: (wanted, context, next) => next(/^\.\/\w+$/.test(wanted) ? `${wanted}.ts` : wanted, context),
});
const { readTrails } = await import("../../web/src/trailframe.ts");
const { Trails } = await import("../../web/src/trails.ts");
const { toLatitude, toLongitude } = await import("../../web/src/mercator.ts");
const { findLead, findRoom, gather, writeStack } = await import("../../web/src/labels.ts");

const raw = new Uint8Array(readFileSync(0));
const copy = (): ArrayBuffer => raw.slice().buffer as ArrayBuffer;

function show(trails: InstanceType<typeof Trails>): Record<string, number[][]> {
  const found: Record<string, number[][]> = {};
  for (const name of (trails as unknown as { names: Map<string, number> }).names.keys()) {
    const into = new Float32Array(5 * 64);
    const end = trails.write(trails.find(name), into, 0);
    found[name] = [];
    for (let at = 0; at < end; at += 5) {
      const [x = 0, y = 0, x2 = 0, y2 = 0, age = 0] = into.subarray(at, at + 5);
      found[name].push([toLatitude(y), toLongitude(x), toLatitude(y2), toLongitude(x2), age]);
    }
  }
  return found;
}

function read(body: ArrayBuffer, trails = new Trails()): InstanceType<typeof Trails> {
  readTrails(body, trails);
  return trails;
}

const whole = read(copy());
const twice = read(copy(), read(copy()));
const cuts = Array.from({ length: 100 }, (_, place) => Math.floor((place * raw.length) / 100));
const areCutsLeftOut = cuts.every((size) => Object.keys(show(read(raw.slice(0, size).buffer as ArrayBuffer))).length === 0);
let areChangesBorne = true;
for (let place = 0; place < Math.min(raw.length, 400); place++) {
  const changed = raw.slice();
  changed[place] = 255;
  try {
    read(changed.buffer as ArrayBuffer);
  } catch (error) {
    areChangesBorne &&= error instanceof SyntaxError || error instanceof TypeError;
  }
}

// A salvo whose reports lie over each other, another far off, and so many names that few lie beside their marks.
const spots = [0, 1, 2, 3, 4, 5, 6, 7].map((at) => ({ x: 300 + 3 * at, y: 200, size: 10, name: `JPN-020${at}`, of: "JPN-0200" }));
const groups = gather([...spots, { x: 700, y: 200, size: 10, name: "KOR-0001", of: "JPN-0200" }]);
const taken: (readonly [number, number, number, number])[] = [];
const leads: boolean[] = [];
for (const spot of spots) {
  const box = findRoom(spot, 60, 14, taken, { width: 900, height: 500 });
  if (box === null) continue;
  taken.push(box);
  leads.push(findLead(spot, box) !== null);
}
const areApart = taken.every((one, at) =>
  taken.every((two, other) => at === other || one[2] <= two[0] || two[2] <= one[0] || one[3] <= two[1] || two[3] <= one[1]),
);
process.stdout.write(JSON.stringify({
  since: whole.since, trails: show(whole), isTwiceTheSame: JSON.stringify(show(twice)) === JSON.stringify(show(whole)),
  areCutsLeftOut, areChangesBorne,
  groups: groups.map((group) => writeStack(group, "n = 3")), written: taken.length, areApart, leads,
  hasNoRoom: findRoom({ x: 20, y: 20, size: 5 }, 60, 14, [[0, 0, 900, 500]], { width: 900, height: 500 }) === null,
}));
