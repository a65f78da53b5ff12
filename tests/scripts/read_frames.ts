// Reads frames from stdin with the page's reader, in pieces of uneven size; says what is shown after each, and what
// becomes of bytes that are no frame.

import { readFileSync } from "node:fs";
import { BrokenFrame, FrameCutter, MarkTable } from "../../web/src/frames.ts";

const raw = new Uint8Array(readFileSync(0));
const cutter = new FrameCutter();
const bodies: ArrayBuffer[] = [];
for (let at = 0, size = 1; at < raw.length; at += size, size = ((size * 7) % 4099) + 1)
  bodies.push(...cutter.take(raw.subarray(at, at + size)));

function show(table: MarkTable): unknown {
  const marks: unknown[] = [];
  for (let slot = 0; slot < table.end; slot++) {
    if (table.isThere[slot] !== 1) continue;
    const mark: Record<string, unknown> = {};
    for (const [name, values] of Object.entries(table.columns)) mark[name] = values[slot];
    const told = (number: number) => (number === 0xffff ? null : table.words.told[number]);
    const reports = [...(table.reports.get(slot) ?? [])];
    mark.class_ = table.words.classes[mark.class_ as number];
    mark.author = table.words.authors[mark.author as number];
    mark.of_author = table.words.authors[mark.of_author as number];
    mark.told = told(mark.told as number);
    mark.seen = (mark.seen as number) + table.since;
    mark.reports = reports.flatMap((number, place) =>
      place % 2 ? [] : [[table.words.authors[number], told(reports[place + 1] as number)]],
    );
    marks.push(mark);
  }
  return { at: table.at, leftOut: table.leftOut, count: table.count, marks };
}

const table = new MarkTable();
const shown = bodies.map((body) => {
  table.take(body);
  return show(table);
});

/** How a table takes the first frame when it is broken: refused, or taken for what it is not; anything else ends us. */
function isRefused(body: ArrayBuffer): boolean {
  try {
    new MarkTable().take(body);
    return false;
  } catch (error) {
    if (error instanceof BrokenFrame || error instanceof SyntaxError) return true;
    throw error;
  }
}
const first = bodies[0] as ArrayBuffer;
const cuts = Array.from({ length: 200 }, (_, place) => Math.floor((place * first.byteLength) / 200));
const areCutsRefused = cuts.every((size) => isRefused(first.slice(0, size)));
for (let place = 0; place < Math.min(first.byteLength, 400); place++) {
  const changed = new Uint8Array(first.slice(0));
  changed[place] = 255;
  isRefused(changed.buffer);
}
const isSecondFirstRefused = isRefused(bodies[1] as ArrayBuffer);
let isFloodRefused = false;
try {
  new FrameCutter().take(new Uint8Array([255, 255, 255, 255]));
} catch (error) {
  isFloodRefused = error instanceof BrokenFrame;
}
process.stdout.write(JSON.stringify({ shown, areCutsRefused, isSecondFirstRefused, isFloodRefused }));
