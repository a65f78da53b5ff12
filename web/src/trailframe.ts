// Reads where tracks were before the map was opened (comity.warning.trails).

import { toX, toY } from "./mercator";
import { nameTrack } from "./names";
import type { Trails } from "./trails";

const HEAD_SIZE = 40;
const TRAIL_COUNT_MAX = 200_000;
const POINT_COUNT_MAX = 250_000;

/** Take a trail frame into the trails; what is broken is left out. */
export function readTrails(raw: ArrayBuffer, trails: Trails): void {
  const view = new DataView(raw);
  if (raw.byteLength < 4 + HEAD_SIZE || view.getUint32(0, true) !== raw.byteLength - 4) return;
  if (view.getUint16(4, true) !== 1) return;
  const since = Number(view.getBigInt64(4 + 16, true));
  const [wordSize, trailCount, pointCount] = [24, 28, 32].map((at) => view.getUint32(4 + at, true)) as [number, number, number];
  if (trailCount > TRAIL_COUNT_MAX || pointCount > POINT_COUNT_MAX) return;
  const narrow = Math.ceil((2 * trailCount) / 4) * 4;
  const first = 4 + HEAD_SIZE + wordSize;
  const points = first + 8 * trailCount + 2 * narrow;
  if (points + 12 * pointCount !== raw.byteLength) return;
  const words = JSON.parse(new TextDecoder().decode(new Uint8Array(raw, 4 + HEAD_SIZE, wordSize))) as { authors: string[] };
  const authors = first + 8 * trailCount + narrow;
  if (trails.since === 0) trails.since = since;
  let point = 0;
  for (let trail = 0; trail < trailCount; trail++) {
    const author = words.authors[view.getUint16(authors + 2 * trail, true)] ?? "";
    const of = trails.find(nameTrack(author, view.getUint32(first + 4 * trail, true)));
    const end = point + view.getUint32(first + 4 * trailCount + 4 * trail, true);
    if (end > pointCount) return;
    for (; point < end; point++) {
      const [seen, latitude, longitude] = [0, 1, 2].map((column) =>
        view.getInt32(points + 4 * (column * pointCount + point), true),
      ) as [number, number, number];
      trails.add(of, toX(longitude), toY(latitude), (seen + since - trails.since) / 1000);
    }
  }
}
