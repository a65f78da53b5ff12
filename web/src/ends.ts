// Where and when something was launched or will come down, as the reports estimate it: a place, an ellipse of 95 in 100,
// an instant and how sure.

import type * as GeoJSON from "geojson";
import { DEVIATIONS } from "./sight";
import { UNITS, metreAt, toLatitude, toLongitude, toX, toY } from "./mercator";

/** As the node tells it; degrees, metres, milliseconds. */
export interface EndRow {
  name: string;
  class: string;
  author: string;
  told: string;
  what: "launch" | "impact";
  at: number;
  sigma_at_ms: number;
  latitude: number;
  longitude: number;
  semi_major_m: number;
  semi_minor_m: number;
  bearing_deg: number;
}

export interface End {
  row: EndRow;
  x: number;
  y: number;
  isImpact: boolean;
  says: string;
}

const POINTS = 64;

export function makeEnds(rows: readonly EndRow[], words: Record<string, string>): End[] {
  return rows.map((row) => ({
    row,
    x: toX(row.longitude * UNITS),
    y: toY(row.latitude * UNITS),
    isImpact: row.what === "impact",
    says: `${words[row.what] ?? row.what} ${formatClock(row.at)} ±${formatSpan(2 * row.sigma_at_ms)}`,
  }));
}

/** What is said of launches or impacts that lie together: one as it is, of several how many and from when to when. */
export function sayTogether(ends: readonly End[], words: Record<string, string>): string {
  const [first] = ends;
  if (first === undefined || ends.length === 1) return first?.says ?? "";
  const moments = ends.map(({ row }) => row.at);
  const span = `${formatClock(Math.min(...moments))}–${formatClock(Math.max(...moments))}`;
  return `${ends.length} × ${words[first.row.what] ?? first.row.what} ${span}`;
}

function formatSpan(ms: number): string {
  return ms < 90_000 ? `${Math.max(1, Math.round(ms / 1000))} s` : `${Math.round(ms / 60_000)} min`;
}

function formatClock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)}Z`;
}

/** The ellipses as GeoJSON. */
export function drawEnds(ends: readonly End[]): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: ends.map(({ row, x, y }) => {
      const metre = metreAt(row.latitude * UNITS);
      const bearing = (row.bearing_deg * Math.PI) / 180;
      const ring: [number, number][] = [];
      for (let point = 0; point <= POINTS; point++) {
        const turn = (2 * Math.PI * (point % POINTS)) / POINTS;
        const along = DEVIATIONS * row.semi_major_m * metre * Math.cos(turn);
        const across = DEVIATIONS * row.semi_minor_m * metre * Math.sin(turn);
        const east = along * Math.sin(bearing) + across * Math.cos(bearing);
        const north = along * Math.cos(bearing) - across * Math.sin(bearing);
        ring.push([toLongitude(x + east), toLatitude(y - north)]);
      }
      return { type: "Feature", properties: { what: row.what }, geometry: { type: "Polygon", coordinates: [ring] } };
    }),
  };
}
