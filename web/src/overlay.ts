// What is written over the map: names of tracks where there is room, of a salvo how many and which reports, times of
// launches and impacts, a ring round what was chosen. Drawn with the page's own faces on a canvas: no file of letters is
// loaded, and nothing has a name but tracks.

import type { MarkLayer } from "./marklayer";
import { findScale } from "./marklayer";
import { LINE_PX, findLead, findRoom, gather, keepFullest, writeStack, type Box, type Spot } from "./labels";
import { nameTrack } from "./names";
import { SHAPE_SALVO, type Sight } from "./sight";
import type { MarkTable } from "./frames";
import { sayTogether, type End } from "./ends";

const NAMED_MAX = 80;
const NEAR_PX = 22;
/** Salvos that are written of where too much is on the screen for every name. */
const SALVOS_MAX = 24;

export interface Inks {
  text: string;
  panel: string;
  accent: string;
}

export class Overlay {
  private readonly context: CanvasRenderingContext2D;
  /** Where the last place that was asked for is, in pixels. */
  private x = 0;
  private y = 0;
  private taken: Box[] = [];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly layer: MarkLayer,
    private readonly sight: Sight,
    private readonly table: MarkTable,
    private readonly words: Record<string, string>,
  ) {
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("no canvas");
    this.context = context;
  }

  /** The name of the object that a shown mark is of. */
  nameOf(place: number): string {
    const { columns, words } = this.table;
    const slot = this.sight.slots[place] as number;
    const author = words.authors[columns.author[slot] as number] ?? "";
    return nameTrack(author, columns.track[slot] as number, columns.number[slot] as number);
  }

  /** The name of the report that a shown mark is of. */
  private ownNameOf(place: number): string {
    const { columns, words } = this.table;
    const slot = this.sight.slots[place] as number;
    const author = words.authors[columns.of_author[slot] as number] ?? "";
    return nameTrack(author, columns.of_track[slot] as number, columns.of_number[slot] as number);
  }

  /** Whether a shown mark is of one of these objects or reports. */
  isOf(place: number, names: ReadonlySet<string>): boolean {
    return names.has(this.nameOf(place)) || names.has(this.ownNameOf(place));
  }

  /** Bring a shown mark to the screen; false where it is not on it. */
  private bring(place: number, width: number, height: number): boolean {
    const { places } = this.sight;
    const after = this.layer.afterS;
    const x = (places[4 * place] as number) + (places[4 * place + 2] as number) * after;
    const y = (places[4 * place + 1] as number) + (places[4 * place + 3] as number) * after;
    return this.project(x, y, width, height);
  }

  private project(x: number, y: number, width: number, height: number): boolean {
    const m = this.layer.matrix;
    const at = (row: number) => m[row] ?? 0;
    const near = x + Math.round(this.centre - x);
    const w = at(3) * near + at(7) * y + at(15);
    this.x = (((at(0) * near + at(4) * y + at(12)) / w + 1) / 2) * width;
    this.y = ((1 - (at(1) * near + at(5) * y + at(13)) / w) / 2) * height;
    return this.x > -20 && this.y > -20 && this.x < width + 20 && this.y < height + 20;
  }

  centre = 0;

  /** Return the shown mark at a point of the screen, the nearest; −1 where there is none. */
  pick(x: number, y: number): number {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    let [found, least] = [-1, NEAR_PX * NEAR_PX];
    for (let place = this.sight.count - 1; place >= 0; place--) {
      if (!this.bring(place, width, height)) continue;
      const off = (this.x - x) ** 2 + (this.y - y) ** 2;
      if (off < least) [found, least] = [place, off];
    }
    return found;
  }

  /** Draw all of it. */
  draw(chosen: ReadonlySet<string>, ends: readonly End[], zoom: number, inks: Inks): void {
    const { canvas, context } = this;
    const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio];
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.taken = [];
    this.drawEnds(ends, inks, width, height);
    this.drawNames(chosen, zoom, inks, width, height);
  }

  private drawEnds(ends: readonly End[], inks: Inks, width: number, height: number): void {
    const spots: (Spot & { end: End })[] = [];
    for (const end of ends) {
      if (!this.project(end.x, end.y, width, height)) continue;
      this.drawEnd(end, inks);
      spots.push({ x: this.x, y: this.y, size: 6, name: end.says, of: end.row.what, end });
    }
    for (const group of gather(spots)) {
      const together = group.spots.map((spot) => (spot as Spot & { end: End }).end);
      this.write(group, [sayTogether(together, this.words)], inks, "600");
    }
  }

  private drawEnd(end: End, inks: Inks): void {
    const { context } = this;
    context.strokeStyle = inks.text;
    context.lineWidth = 1.5;
    context.beginPath();
    if (end.isImpact) {
      for (const [dx, dy] of [[5, 5], [5, -5]] as const) {
        context.moveTo(this.x - dx, this.y - dy);
        context.lineTo(this.x + dx, this.y + dy);
      }
    } else {
      context.moveTo(this.x, this.y - 5);
      context.lineTo(this.x + 5, this.y + 4);
      context.lineTo(this.x - 5, this.y + 4);
      context.closePath();
    }
    context.stroke();
  }

  private drawNames(chosen: ReadonlySet<string>, zoom: number, inks: Inks, width: number, height: number): void {
    const { sight, table } = this;
    const scale = findScale(sight.count, zoom);
    const [singles, salvos, ringed]: [Spot[], Spot[], Spot[]] = [[], [], []];
    for (let place = sight.count - 1; place >= 0; place--) {
      const isChosen = chosen.size > 0 && this.isOf(place, chosen);
      const isSalvo = table.columns.shape[sight.slots[place] as number] === SHAPE_SALVO;
      // Of many one more is enough to know that there are too many.
      if (!isChosen && !isSalvo && singles.length > NAMED_MAX) continue;
      if (!this.bring(place, width, height)) continue;
      const size = (sight.looks[4 * place + 1] as number) * scale;
      const spot = { x: this.x, y: this.y, size, name: this.ownNameOf(place), of: this.nameOf(place) };
      if (isChosen) ringed.push(spot);
      if (isSalvo) salvos.push(spot);
      else if (!isChosen) singles.push(spot);
    }
    const areNamed = singles.length + salvos.length <= NAMED_MAX;
    for (const spot of ringed) {
      this.drawRing(spot, inks);
      if (!salvos.includes(spot)) this.write(spot, [spot.name], inks, "700");
    }
    this.drawSalvos(salvos, inks, areNamed);
    if (areNamed) for (const spot of singles) this.write(spot, [spot.name], inks, "500");
  }

  private drawRing(spot: Spot, inks: Inks): void {
    const { context } = this;
    context.strokeStyle = inks.accent;
    context.lineWidth = 3;
    context.beginPath();
    context.arc(spot.x, spot.y, spot.size + 3, 0, 2 * Math.PI);
    context.stroke();
  }

  /** Of what cannot be told apart how many there are, once for all that lies together, and the names below it. */
  private drawSalvos(spots: readonly Spot[], inks: Inks, areNamed: boolean): void {
    if (spots.length === 0) return;
    const counts = this.countSalvos();
    const groups = gather(spots);
    for (const group of areNamed ? groups : keepFullest(groups).slice(0, SALVOS_MAX)) {
      const says = (this.words["salvo"] ?? "n = {count}").replace("{count}", String(counts.get(group.of) ?? group.spots.length));
      const lines = areNamed ? writeStack(group, says) : [says];
      if (!this.write(group, lines, inks, "600")) this.write(group, [says], inks, "600");
    }
  }

  private countSalvos(): Map<string, number> {
    const { sight, table } = this;
    const found = new Map<string, number>();
    for (let place = 0; place < sight.count; place++) {
      const slot = sight.slots[place] as number;
      if (table.columns.shape[slot] === SHAPE_SALVO) found.set(this.nameOf(place), table.columns.count[slot] as number);
    }
    return found;
  }

  /** Write lines beside a place where nothing is written yet, with a line that leads there if it is far; false if there
   * is no room. */
  private write(place: { x: number; y: number; size: number }, lines: string[], inks: Inks, weight: string): boolean {
    const { context, canvas } = this;
    const font = (of: string) => `${of} 11.5px system-ui, "Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK KR", sans-serif`;
    context.font = font(weight);
    const wide = Math.max(...lines.map((line) => context.measureText(line).width));
    const screen = { width: canvas.clientWidth, height: canvas.clientHeight };
    const box = findRoom(place, wide, LINE_PX * lines.length, this.taken, screen);
    if (box === null) return false;
    this.taken.push(box);
    const lead = findLead(place, box);
    if (lead !== null) {
      context.strokeStyle = inks.text;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(place.x, place.y);
      context.lineTo(...lead);
      context.stroke();
    }
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    for (const [number, line] of lines.entries()) {
      const [left, middle] = [box[0] + 2, box[1] + LINE_PX * number + LINE_PX / 2];
      context.font = font(number === 0 ? weight : "500");
      context.strokeStyle = inks.panel;
      context.strokeText(line, left, middle);
      context.fillStyle = inks.text;
      context.fillText(line, left, middle);
    }
    return true;
  }
}
