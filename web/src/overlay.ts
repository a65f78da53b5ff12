// What is written over the map: names of tracks where there is room, times of launches and impacts, a ring round what was
// chosen. Drawn with the page's own faces on a canvas: no file of letters is loaded, and nothing has a name but tracks.

import type { MarkLayer } from "./marklayer";
import { findScale } from "./marklayer";
import { SHAPE_SALVO, nameTrack, type Sight } from "./sight";
import type { MarkTable } from "./frames";
import type { End } from "./ends";

const NAMED_MAX = 80;
const NEAR_PX = 22;
const ROOM: [number, number][] = [[14, 0], [-14, 0], [0, -20], [0, 22]];

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
  private taken: [number, number, number, number][] = [];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly layer: MarkLayer,
    private readonly sight: Sight,
    private readonly table: MarkTable,
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
    for (const end of ends) {
      if (this.project(end.x, end.y, width, height)) this.drawEnd(end, inks);
    }
    this.drawNames(chosen, zoom, inks, width, height);
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
    this.write(end.says, inks, [[10, 0], [-10, 0], [0, 16], [0, -16]], "600");
  }

  private drawNames(chosen: ReadonlySet<string>, zoom: number, inks: Inks, width: number, height: number): void {
    const { context, sight, table } = this;
    const scale = findScale(sight.count, zoom);
    const near: number[] = [];
    for (let place = sight.count - 1; place >= 0 && near.length <= NAMED_MAX; place--)
      if (this.bring(place, width, height)) near.push(place);
    const areNamed = near.length <= NAMED_MAX;
    if (chosen.size === 0 && !areNamed) return;
    for (let place = sight.count - 1; place >= 0; place--) {
      const isChosen = chosen.size > 0 && this.isOf(place, chosen);
      if (!isChosen && !areNamed) continue;
      if (!this.bring(place, width, height)) continue;
      const size = (sight.looks[4 * place + 1] as number) * scale;
      if (isChosen) {
        context.strokeStyle = inks.accent;
        context.lineWidth = 3;
        context.beginPath();
        context.arc(this.x, this.y, size + 3, 0, 2 * Math.PI);
        context.stroke();
      }
      const slot = sight.slots[place] as number;
      const isSalvo = table.columns.shape[slot] === SHAPE_SALVO;
      const name = this.ownNameOf(place);
      const says = isSalvo ? `${name} n=${table.columns.count[slot] as number}` : name;
      this.write(says, inks, ROOM.map(([x, y]) => [x === 0 ? 0 : Math.sign(x) * (size + 3), y]), isChosen ? "700" : "500");
    }
  }

  /** Write beside the place that was brought last, where nothing is written yet; nowhere, if there is no room. */
  private write(says: string, inks: Inks, room: number[][], weight: string): void {
    const { context } = this;
    context.font = `${weight} 11.5px system-ui, "Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK KR", sans-serif`;
    const width = context.measureText(says).width;
    for (const [dx = 0, dy = 0] of room) {
      const left = dx > 0 ? this.x + dx : dx < 0 ? this.x + dx - width : this.x - width / 2;
      const top = this.y + dy - 7;
      const box: [number, number, number, number] = [left - 2, top, left + width + 2, top + 14];
      if (this.taken.some(([x, y, right, bottom]) => box[0] < right && box[2] > x && box[1] < bottom && box[3] > y)) continue;
      this.taken.push(box);
      context.textBaseline = "middle";
      context.textAlign = "left";
      context.lineJoin = "round";
      context.lineWidth = 3.5;
      context.strokeStyle = inks.panel;
      context.strokeText(says, left, top + 7);
      context.fillStyle = inks.text;
      context.fillText(says, left, top + 7);
      return;
    }
  }
}
