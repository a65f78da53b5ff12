// The ground of the map: sea, land, borders as they are held, areas of the pact, of threats and of measures. It has no
// names, and all that it shows came with the page.

import type * as GeoJSON from "geojson";
import type { GeoJSONSource, Map as MapLibre, StyleSpecification } from "maplibre-gl";
import type { BaseMap } from "./basemap";

export interface AreaRow {
  what: "pact" | "threat" | "measure";
  id: string;
  geometry: GeoJSON.Geometry;
}

export interface Colours {
  sea: string;
  land: string;
  coast: string;
  border: string;
  text: string;
  panel: string;
  accent: string;
  alert: string;
  warn: string;
  good: string;
}

const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export function readColours(): Colours {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    sea: read("sea"), land: read("land"), coast: read("coast"), border: read("border"), text: read("text"),
    panel: read("panel"), accent: read("accent"), alert: read("alert"), warn: read("warn"), good: read("good"),
  };
  probe.remove();
  return found;
}

export function makeStyle(base: BaseMap, colours: Colours): StyleSpecification {
  const land: GeoJSON.MultiPolygon = { type: "MultiPolygon", coordinates: base.land };
  const borders: GeoJSON.MultiLineString = { type: "MultiLineString", coordinates: base.borders };
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: { type: "Feature", properties: {}, geometry: land }, maxzoom: 8, tolerance: 0.3 },
      borders: { type: "geojson", data: { type: "Feature", properties: {}, geometry: borders }, maxzoom: 8 },
      areas: { type: "geojson", data: EMPTY },
      ends: { type: "geojson", data: EMPTY },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": colours.sea } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colours.land, "fill-antialias": false } },
      { id: "coast", type: "line", source: "land", paint: { "line-color": colours.coast, "line-width": 0.8 } },
      { id: "borders", type: "line", source: "borders",
        paint: { "line-color": colours.border, "line-width": 1, "line-dasharray": [4, 3] } },
      ...makeAreaLayers(colours),
      { id: "ends-fill", type: "fill", source: "ends",
        paint: { "fill-color": colours.alert, "fill-opacity": ["case", ["==", ["get", "what"], "impact"], 0.16, 0.05] } },
      { id: "ends-line", type: "line", source: "ends",
        paint: { "line-color": colours.alert, "line-width": 1.5, "line-dasharray": [3, 2] } },
    ],
  };
}

function makeAreaLayers(colours: Colours): StyleSpecification["layers"] {
  const looks = { pact: colours.warn, threat: colours.alert, measure: colours.good } as const;
  return (Object.keys(looks) as (keyof typeof looks)[]).flatMap((what): StyleSpecification["layers"] => [
    { id: `${what}-fill`, type: "fill", source: "areas", filter: ["==", ["get", "what"], what],
      paint: what === "pact" ? { "fill-color": looks[what], "fill-opacity": 0.05 } : { "fill-pattern": `hatch-${what}` } },
    { id: `${what}-line`, type: "line", source: "areas", filter: ["==", ["get", "what"], what],
      paint: { "line-color": looks[what], "line-width": what === "pact" ? 1 : 1.5,
        ...(what === "pact" ? { "line-dasharray": [6, 3] } : {}) } },
  ]);
}

/** Hatches of the areas: to the right for threats, to the left for measures. */
export function addHatches(map: MapLibre, colours: Colours): void {
  for (const [what, ink, isRight] of [["threat", colours.alert, true], ["measure", colours.good, false]] as const) {
    const image = drawHatch(ink, isRight);
    if (map.hasImage(`hatch-${what}`)) map.updateImage(`hatch-${what}`, image);
    else map.addImage(`hatch-${what}`, image, { pixelRatio: 2 });
  }
}

function drawHatch(ink: string, isRight: boolean): ImageData {
  const size = 24;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.strokeStyle = ink;
  context.globalAlpha = 0.5;
  context.lineWidth = 2.5;
  for (let off = -size; off <= size; off += size / 2) {
    context.beginPath();
    context.moveTo(isRight ? off : off + size, 0 - 1);
    context.lineTo(isRight ? off + size : off, size + 1);
    context.stroke();
  }
  return context.getImageData(0, 0, size, size);
}

export function showAreas(map: MapLibre, areas: readonly AreaRow[]): void {
  void (map.getSource("areas") as GeoJSONSource).setData({
    type: "FeatureCollection",
    features: areas.map(({ what, id, geometry }) => ({ type: "Feature", properties: { what, id }, geometry })),
  });
}

/** Paint the ground in other colours: the theme is another. */
export function paint(map: MapLibre, colours: Colours): void {
  map.setPaintProperty("sea", "background-color", colours.sea);
  map.setPaintProperty("land", "fill-color", colours.land);
  map.setPaintProperty("coast", "line-color", colours.coast);
  map.setPaintProperty("borders", "line-color", colours.border);
  for (const layer of makeAreaLayers(colours)) {
    const ink = (layer.paint as Record<string, unknown> | undefined)?.["line-color"];
    if (typeof ink === "string") map.setPaintProperty(layer.id, "line-color", ink);
  }
  map.setPaintProperty("pact-fill", "fill-color", colours.warn);
  map.setPaintProperty("ends-fill", "fill-color", colours.alert);
  map.setPaintProperty("ends-line", "line-color", colours.alert);
  addHatches(map, colours);
}
