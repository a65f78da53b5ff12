// What is shown of the marks, laid out for the graphics processor: places, looks, ellipses, trails. Made anew for each
// frame in a few loops over columns; nothing is made for a mark.

import { IN_FULL, type MarkTable } from "./frames";
import { metreAt, toX, toY } from "./mercator";
import { nameTrack } from "./names";
import { CONFLICT, DROPPED, LIVE, PLAIN, SALVO, STALE, SUSPECT, type SymbolAtlas } from "./symbols";
import { TRAIL_SIZE, type Trails } from "./trails";

/** What the page knows of a class, from the pact. */
export interface ClassRow {
  id: string;
  title: string;
  domain: string;
  code: string;
  kinds: { title: string; code: string }[];
}

export interface Shown {
  /** By what they are called in frames; what is hidden. */
  classes: Set<string>;
  parties: Set<string>;
  clauses: Set<string>;
}

export const FULL = "";
/** In two dimensions, 95 in 100. */
export const DEVIATIONS = 2.4477;
const VELOCITY_KNOWN = 2;
const SUSPECTED = 16;
const SIZES: Record<string, number> = { missile: 25, space: 23, air: 21 };
const SIZE = 18;
export const SHAPE_SALVO = 2;
const UNKNOWN_KIND = 0xffff;
const TRAILED_MAX = 120_000;

export class Sight {
  /** x, y, movement in x and y a second. */
  places = new Float32Array(0);
  /** Cell, half its size in pixels, how opaque, nothing. */
  looks = new Float32Array(0);
  /** One axis, the other, in units of the map. */
  axes = new Float32Array(0);
  trailed = new Float32Array(0);
  trailedCount = 0;
  /** Slots of what is shown, in the order of drawing. */
  slots = new Uint32Array(0);
  count = 0;
  ellipseCount = 0;
  ellipses = new Float32Array(0);
  private trailOf = new Int32Array(0);
  private named = new Uint32Array(0);
  private namedBy = new Uint16Array(0);
  private codes: number[] = [];
  private words: MarkTable["words"] | null = null;

  constructor(
    private readonly classes: Map<string, ClassRow>,
    private readonly order: string[],
    private readonly atlas: SymbolAtlas,
    private readonly trails: Trails,
  ) {}

  /** Lay out what is not hidden. */
  lay(table: MarkTable, hidden: Shown, isFollowed: boolean): void {
    this.grow(table.end);
    if (isFollowed && this.words !== table.words) {
      // Another stream may number the authors otherwise.
      this.words = table.words;
      this.forget();
    }
    this.codes = [];
    const ranks = table.words.classes.map((id) => this.order.indexOf(id));
    const isClassHidden = table.words.classes.map((id) => hidden.classes.has(id));
    const isPartyHidden = table.words.authors.map((id) => hidden.parties.has(id));
    const isClauseHidden = table.words.told.map(([clause]) => hidden.clauses.has(clause));
    const isFullHidden = hidden.clauses.has(FULL);
    const isHidden = (author: number, told: number) =>
      isPartyHidden[author] === true || (told === IN_FULL ? isFullHidden : isClauseHidden[told] === true);
    const { class_, of_author, told } = table.columns;
    if (this.trails.since === 0) this.trails.since = table.since;
    this.count = 0;
    this.ellipseCount = 0;
    this.trailedCount = 0;
    // The last drawn lies on top: missiles before all else.
    for (let rank = this.order.length - 1; rank >= -1; rank--) {
      for (let slot = 0; slot < table.end; slot++) {
        const of = class_[slot] as number;
        if (table.isThere[slot] !== 1 || ranks[of] !== rank) continue;
        if (isFollowed) this.follow(table, slot);
        if (isClassHidden[of]) continue;
        const reports = table.reports.get(slot);
        if (reports === undefined ? isHidden(of_author[slot] as number, told[slot] as number) : areAll(reports, isHidden))
          continue;
        this.put(table, slot);
      }
    }
  }

  private put(table: MarkTable, slot: number): void {
    const columns = table.columns;
    const [latitude, at] = [columns.latitude[slot] as number, this.count];
    const [x, y, metre] = [toX(columns.longitude[slot] as number), toY(latitude), metreAt(latitude)];
    const standing = columns.standing[slot] as number;
    const flags = columns.flags[slot] as number;
    const moves = standing === LIVE && (flags & VELOCITY_KNOWN) !== 0;
    this.slots[at] = slot;
    this.places[4 * at] = x;
    this.places[4 * at + 1] = y;
    this.places[4 * at + 2] = moves ? ((columns.velocity_east[slot] as number) / 100) * metre : 0;
    this.places[4 * at + 3] = moves ? ((columns.velocity_north[slot] as number) / -100) * metre : 0;
    const row = this.classes.get(table.words.classes[columns.class_[slot] as number] ?? "");
    this.looks[4 * at] = this.findCell(table, slot, row, standing, flags);
    this.looks[4 * at + 1] = SIZES[row?.domain ?? ""] ?? SIZE;
    this.looks[4 * at + 2] = standing === LIVE ? 1 : standing === STALE ? 0.85 : 0.6;
    this.count = at + 1;
    this.putEllipse(table, slot, at, metre);
    if (standing !== DROPPED && this.trailed.length - 5 * this.trailedCount > 5 * TRAIL_SIZE)
      this.trailedCount = this.trails.write(this.trailOf[slot] as number, this.trailed, 5 * this.trailedCount) / 5;
  }

  private findCell(table: MarkTable, slot: number, row: ClassRow | undefined, standing: number, flags: number): number {
    const columns = table.columns;
    const kind = columns.kind[slot] as number;
    const conflict = columns.conflict[slot] as number;
    const isSalvo = columns.shape[slot] === SHAPE_SALVO;
    const badge = isSalvo ? SALVO : conflict !== 0 ? CONFLICT : (flags & SUSPECTED) !== 0 ? SUSPECT : PLAIN;
    // A number for each look, so that no word is made for a mark.
    const number = (((columns.class_[slot] as number) * 257 + Math.min(kind, 256)) * 4 + standing) * 4 + badge;
    const known = this.codes[number];
    if (known !== undefined) return known;
    const code = kind === UNKNOWN_KIND ? row?.code : (row?.kinds[kind]?.code ?? row?.code);
    return (this.codes[number] = this.atlas.find(code ?? "SUZP-----------", standing, badge));
  }

  private putEllipse(table: MarkTable, slot: number, at: number, metre: number): void {
    const columns = table.columns;
    const [east, north] = [(columns.sigma_east[slot] as number) / 10, (columns.sigma_north[slot] as number) / 10];
    const rho = (columns.rho_en[slot] as number) / 32_767;
    const [half, difference] = [(east * east + north * north) / 2, (east * east - north * north) / 2];
    const covariance = rho * east * north;
    const root = Math.hypot(difference, covariance);
    const turn = Math.atan2(covariance, difference) / 2;
    const [major, minor] = [Math.sqrt(half + root), Math.sqrt(Math.max(0, half - root))];
    const [one, two] = [major * DEVIATIONS * metre, minor * DEVIATIONS * metre];
    const base = 4 * this.ellipseCount;
    // North is up, and y goes down.
    this.axes[base] = one * Math.cos(turn);
    this.axes[base + 1] = -one * Math.sin(turn);
    this.axes[base + 2] = -two * Math.sin(turn);
    this.axes[base + 3] = -two * Math.cos(turn);
    for (let place = 0; place < 4; place++) this.ellipses[base + place] = this.places[4 * at + place] as number;
    this.ellipseCount += 1;
  }

  /** Take the place of a mark into its trail. */
  private follow(table: MarkTable, slot: number): void {
    const columns = table.columns;
    const [track, author] = [columns.of_track[slot] as number, columns.of_author[slot] as number];
    if (track === 0 || columns.standing[slot] === DROPPED) return;
    if (this.named[slot] !== track || this.namedBy[slot] !== author + 1) {
      this.named[slot] = track;
      this.namedBy[slot] = author + 1;
      this.trailOf[slot] = this.trails.find(nameTrack(table.words.authors[author] ?? "", track));
    }
    const at = ((columns.seen[slot] as number) + table.since - this.trails.since) / 1000;
    const [x, y] = [toX(columns.longitude[slot] as number), toY(columns.latitude[slot] as number)];
    this.trails.add(this.trailOf[slot] as number, x, y, at);
  }

  /** Nothing of what slots meant holds: a stream began anew. */
  forget(): void {
    this.named.fill(0);
    this.namedBy.fill(0);
    this.trailOf.fill(-1);
  }

  private grow(end: number): void {
    if (this.slots.length >= end) return;
    const size = Math.max(1024, 2 * end);
    const [trailOf, named, namedBy] = [new Int32Array(size).fill(-1), new Uint32Array(size), new Uint16Array(size)];
    trailOf.set(this.trailOf);
    named.set(this.named);
    namedBy.set(this.namedBy);
    Object.assign(this, {
      trailOf, named, namedBy,
      places: new Float32Array(4 * size), looks: new Float32Array(4 * size), axes: new Float32Array(4 * size),
      ellipses: new Float32Array(4 * size), slots: new Uint32Array(size),
      trailed: new Float32Array(5 * Math.min(TRAILED_MAX, size * TRAIL_SIZE)),
    });
  }
}

/** Whether every report of a mark is hidden. */
function areAll(reports: Uint16Array, isHidden: (author: number, told: number) => boolean): boolean {
  for (let place = 0; place < reports.length; place += 2)
    if (!isHidden(reports[place] as number, reports[place + 1] as number)) return false;
  return true;
}
