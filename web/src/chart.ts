// The map itself: ground, marks and what is written over them, in the colours of the page, moved by hand and by keys.

import { Map as MapLibre, setWorkerUrl, type GeoJSONSource } from "maplibre-gl";
import { readBaseMap } from "./basemap";
import type { MarkTable } from "./frames";
import { addHatches, makeStyle, paint, readColours, showAreas, type AreaRow, type Colours } from "./ground";
import { drawEnds, makeEnds, type End, type EndRow } from "./ends";
import { MarkLayer } from "./marklayer";
import { toLatitude, toLongitude } from "./mercator";
import { Overlay } from "./overlay";
import { FULL, Sight, type ClassRow, type Shown } from "./sight";
import { SymbolAtlas } from "./symbols";
import { Trails } from "./trails";

/** What the page is told once, and again when the record changes. */
export interface Setting {
  is_exercise: boolean;
  classes: ClassRow[];
  areas: AreaRow[];
  words: Record<string, string>;
}

const REPAINT_MS = 100;
/** Domains of what stands somewhere: not looked for when the map is opened. */
const STANDING = new Set(["cyber", "health", "infrastructure"]);
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export class Chart {
  readonly hidden: Shown = { classes: new Set(), parties: new Set(), clauses: new Set() };
  readonly chosen = new Set<string>();
  readonly trails = new Trails();
  readonly layer: MarkLayer;
  readonly sight: Sight;
  private readonly overlay: Overlay;
  private readonly atlas: SymbolAtlas;
  private map: MapLibre | null = null;
  private colours: Colours;
  private ends: End[] = [];
  private areas: AreaRow[] = [];
  private readonly domains: Map<string, string>;
  private hiddenAreas = new Set<string>();
  /** Main-thread time of taking frames and laying them out: for measuring. */
  laidMs = 0;
  laidCount = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly table: MarkTable,
    private readonly setting: Setting,
    private readonly press: (name: string) => void,
  ) {
    this.colours = readColours();
    this.atlas = new SymbolAtlas(setting.is_exercise, this.colours);
    const classes = new Map(setting.classes.map((row) => [row.id, row]));
    this.sight = new Sight(classes, setting.classes.map((row) => row.id), this.atlas, this.trails);
    this.layer = new MarkLayer(this.sight, this.atlas);
    const over = root.querySelector<HTMLCanvasElement>("canvas.over");
    if (over === null) throw new Error("no canvas to write on");
    this.overlay = new Overlay(over, this.layer, this.sight, table, setting.words);
    this.areas = setting.areas;
    this.domains = new Map(setting.classes.map((row) => [row.id, row.domain]));
  }

  /** Load the ground and show the map. */
  async open(): Promise<void> {
    const { root } = this;
    setWorkerUrl(root.dataset["worker"] ?? "");
    const base = readBaseMap(new Uint8Array(await (await fetch(root.dataset["world"] ?? "")).arrayBuffer()));
    const container = root.querySelector<HTMLElement>(".ground");
    if (container === null) throw new Error("no place for the map");
    const map = (this.map = new MapLibre({
      container, style: makeStyle(base, this.colours), attributionControl: false, renderWorldCopies: true, maxZoom: 11,
      minZoom: 1, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, center: [131, 36], zoom: 3.6,
      canvasContextAttributes: { preserveDrawingBuffer: true },
      locale: { "Map.Title": root.dataset["title"] ?? "" },
    }));
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.on("styleimagemissing", () => addHatches(map, this.colours));
    await map.once("load");
    addHatches(map, this.colours);
    this.showAreas(this.areas);
    map.addLayer(this.layer);
    this.fit();
    map.on("resize", () => map.triggerRepaint());
    map.on("render", () => this.write());
    map.on("click", ({ point }) => {
      const place = this.overlay.pick(point.x, point.y);
      this.press(place < 0 ? "" : this.overlay.nameOf(place));
    });
    setInterval(() => {
      if (!document.hidden && !STILL.matches && this.sight.count > 0) map.triggerRepaint();
    }, REPAINT_MS);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
    window.addEventListener("beforeprint", () => this.putOnPaper());
    window.addEventListener("afterprint", () => this.root.querySelector("canvas.paper")?.remove());
  }

  /** Paper has the map as it is on the screen: a sheet's other width would move what is drawn and what is written apart. */
  private putOnPaper(): void {
    const { map, root } = this;
    const over = root.querySelector<HTMLCanvasElement>("canvas.over");
    if (map === null || over === null) return;
    map.redraw();
    const ground = map.getCanvas();
    const sheet = Object.assign(document.createElement("canvas"), { className: "paper", width: ground.width, height: ground.height });
    const context = sheet.getContext("2d");
    context?.drawImage(ground, 0, 0);
    context?.drawImage(over, 0, 0, sheet.width, sheet.height);
    root.querySelector("canvas.paper")?.remove();
    root.prepend(sheet);
  }

  /** Lay out the marks as they are now; `isFollowed` where trails go on with them. */
  lay(isFollowed: boolean): void {
    const begun = performance.now();
    this.sight.lay(this.table, this.hidden, isFollowed);
    this.layer.ink = readInk(this.colours.text);
    this.layer.change();
    this.laidMs += performance.now() - begun;
    this.laidCount += 1;
    this.root.dataset["count"] = String(this.sight.count);
    this.root.dataset["laid"] = String(this.laidCount);
  }

  showEnds(rows: readonly EndRow[]): void {
    const { classes, parties, clauses } = this.hidden;
    const shown = rows.filter((row) => !classes.has(row.class) && !parties.has(row.author) && !clauses.has(row.told || FULL));
    this.ends = makeEnds(shown, this.setting.words);
    void (this.map?.getSource("ends") as GeoJSONSource | undefined)?.setData(drawEnds(this.ends));
    this.root.dataset["ends"] = String(this.ends.length);
  }

  showAreas(areas: AreaRow[]): void {
    this.areas = areas;
    if (this.map !== null) showAreas(this.map, areas.filter(({ what }) => !this.hiddenAreas.has(what)));
  }

  /** Show or hide a layer of areas, `ends`, `ellipses` or `trails`. */
  turn(what: string, isShown: boolean): void {
    if (what === "ellipses") this.layer.areEllipsesShown = isShown;
    else if (what === "trails") this.layer.areTrailsShown = isShown;
    else if (what === "ends") {
      for (const id of ["ends-fill", "ends-line"])
        this.map?.setLayoutProperty(id, "visibility", isShown ? "visible" : "none");
      this.areEndsShown = isShown;
    } else {
      if (isShown) this.hiddenAreas.delete(what);
      else this.hiddenAreas.add(what);
      this.showAreas(this.areas);
    }
    this.map?.triggerRepaint();
  }

  private areEndsShown = true;

  zoom(by: number): void {
    this.map?.easeTo({ zoom: this.map.getZoom() + by, duration: STILL.matches ? 0 : 200 });
  }

  /** Show everything: all marks that move and are not dropped, or where there is none the areas of the pact. */
  fit(): void {
    const points: [number, number][] = [];
    const { longitude, latitude, standing, class_ } = this.table.columns;
    const moves = this.table.words.classes.map((id) => !STANDING.has(this.domains.get(id) ?? ""));
    for (let slot = 0; slot < this.table.end; slot++)
      if (this.table.isThere[slot] === 1 && (standing[slot] as number) < 2 && moves[class_[slot] as number])
        points.push([(longitude[slot] as number) / 1e7, (latitude[slot] as number) / 1e7]);
    if (points.length === 0)
      for (const { what, geometry } of this.areas)
        if (what === "pact" && geometry.type === "Polygon") points.push(...(geometry.coordinates[0] as [number, number][]));
    if (points.length > 0) this.frame(points, 7);
  }

  /** Look at one place, or at some. */
  frame(points: readonly [number, number][], maxZoom: number): void {
    // Longitudes as near to the first as they come: the date line is no border.
    const first = points[0]?.[0] ?? 0;
    const xs = points.map(([x]) => x + 360 * Math.round((first - x) / 360));
    const ys = points.map(([, y]) => y);
    const size = this.map?.getContainer();
    const padding = Math.min(60, (size?.clientHeight ?? 300) / 6);
    this.map?.fitBounds(
      [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]],
      { padding, maxZoom, duration: 0 },
    );
  }

  /** Choose tracks by the names of objects or reports, and look at them; those that are not there are nowhere. */
  choose(names: readonly string[], isLookedAt: boolean): void {
    this.chosen.clear();
    for (const name of names) this.chosen.add(name);
    if (isLookedAt) {
      const points: [number, number][] = [];
      for (let place = 0; place < this.sight.count; place++) {
        if (!this.overlay.isOf(place, this.chosen)) continue;
        const [x, y] = [this.sight.places[4 * place] ?? 0, this.sight.places[4 * place + 1] ?? 0];
        points.push([toLongitude(x), toLatitude(y)]);
      }
      if (points.length > 0) this.frame(points, 7);
    }
    this.root.dataset["chosen"] = [...this.chosen].join(" ");
    this.map?.triggerRepaint();
  }

  private write(): void {
    const map = this.map;
    if (map === null) return;
    this.overlay.centre = map.getCenter().lng / 360 + 0.5;
    this.overlay.draw(this.chosen, this.areEndsShown ? this.ends : [], map.getZoom(), this.colours);
  }

  private repaint(): void {
    this.colours = readColours();
    this.atlas.paint(this.colours);
    if (this.map !== null) paint(this.map, this.colours);
    this.lay(false);
  }
}

function readInk(colour: string): [number, number, number, number] {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red / 255, green / 255, blue / 255, 1];
}
