// Reads the frames of the warning picture (comity.warning.frame) into columns, one place in each for every mark. Nothing
// is made for a mark: a frame is a few typed arrays over the bytes that came.

const HEAD_SIZE = 48;
const VERSION = 1;
export const MARK_COUNT_MAX = 50_000;
const REPORT_COUNT_MAX = 4 * MARK_COUNT_MAX;
const WORD_SIZE_MAX = 1 << 20;
export const FRAME_SIZE_BYTES_MAX = 16 * 1024 * 1024;
/** No coarsening. */
export const IN_FULL = 0xffff;
const WHOLE = 1;
const CHANGE = 2;

type Columns = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;
const KINDS = { u1: Uint8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array, i4: Int32Array };
type Layout = Readonly<Record<string, keyof typeof KINDS>>;

// The widest first; of one width in the order of comity.warning.marks.
const MOVING_4 = {
  seen: "i4", latitude: "i4", longitude: "i4", altitude: "i4",
  velocity_east: "i4", velocity_north: "i4", velocity_up: "i4", sigma_east: "u4", sigma_north: "u4",
} as const;
const MOVING_2 = { rho_en: "i2", flags: "u2", kind: "u2" } as const;
const MOVING_1 = { standing: "u1", confidence: "u1" } as const;
const FIXED_4 = { track: "u4", number: "u4", of_track: "u4", of_number: "u4", count: "u4" } as const;
const FIXED_2 = { class_: "u2", author: "u2", of_author: "u2", told: "u2" } as const;
const FIXED_1 = { conflict: "u1", shape: "u1" } as const;
const MARK = { ...MOVING_4, ...FIXED_4, ...MOVING_2, ...FIXED_2, ...MOVING_1, ...FIXED_1 } as const;
const MOVED: Layout = { slot: "u4", ...MOVING_4, ...MOVING_2, ...MOVING_1 };
const NEW: Layout = { slot: "u4", ...MARK };
const REPORT: Layout = { slot: "u4", author: "u2", told: "u2" };
const GONE: Layout = { slot: "u4" };

type Name = keyof typeof MARK;

export interface Words {
  classes: string[];
  authors: string[];
  /** Clause, metres, milliseconds. */
  told: [string, number, number][];
}

/** A frame that is none, or not the next one: the stream has to begin anew. */
export class BrokenFrame extends Error {}

/** The marks as they are now. */
export class MarkTable {
  at = 0;
  since = 0;
  number = -1;
  leftOut = 0;
  words: Words = { classes: [], authors: [], told: [] };
  /** Slots beyond this were never used. */
  end = 0;
  /** Whether there is a mark, by slot. */
  isThere = new Uint8Array(0);
  columns = make(0);
  /** Who reports a mark that several report: author and coarsening by turns. */
  readonly reports = new Map<number, Uint16Array>();

  get count(): number {
    let count = 0;
    for (let slot = 0; slot < this.end; slot++) count += this.isThere[slot] ?? 0;
    return count;
  }

  /** Take the body of a frame; what is broken changes nothing that the next whole frame does not set right. */
  take(body: ArrayBuffer): void {
    const head = readHead(body);
    if (head.what !== WHOLE && head.number !== this.number + 1) throw new BrokenFrame("order");
    const reader = new Reader(body, HEAD_SIZE);
    const words = head.wordSize > 0 ? readWords(reader.bytes(head.wordSize)) : this.words;
    const fresh = reader.table(NEW, head.newCount);
    const moved = reader.table(MOVED, head.movedCount);
    const reports = reader.table(REPORT, head.reportCount);
    const gone = reader.table(GONE, head.goneCount);
    if (!reader.isDone) throw new BrokenFrame("size");
    if (head.what === WHOLE) this.clear();
    Object.assign(this, { at: head.at, since: head.since, number: head.number, leftOut: head.leftOut, words });
    for (const slot of column(gone, "slot")) this.drop(slot);
    this.put(fresh, true);
    this.put(moved, false);
    this.tell(reports);
  }

  private clear(): void {
    this.isThere.fill(0);
    this.reports.clear();
    this.end = 0;
  }

  private drop(slot: number): void {
    if (this.isThere[slot] !== 1) throw new BrokenFrame("slot");
    this.isThere[slot] = 0;
    this.reports.delete(slot);
  }

  private put(table: Record<string, Columns>, isNew: boolean): void {
    const slots = column(table, "slot");
    for (const slot of slots) {
      if (slot >= MARK_COUNT_MAX || (!isNew && this.isThere[slot] !== 1)) throw new BrokenFrame("slot");
      this.grow(slot + 1);
      this.isThere[slot] = 1;
      if (isNew) this.reports.delete(slot);
    }
    for (const [name, values] of Object.entries(table)) {
      if (name === "slot") continue;
      const into = this.columns[name as Name];
      for (let place = 0; place < slots.length; place++) into[slots[place] as number] = values[place] as number;
    }
  }

  private tell(table: Record<string, Columns>): void {
    const [slots, authors, told] = [column(table, "slot"), column(table, "author"), column(table, "told")];
    for (let first = 0; first < slots.length; ) {
      let end = first;
      while (end < slots.length && slots[end] === slots[first]) end++;
      const found = new Uint16Array(2 * (end - first));
      for (let place = first; place < end; place++) {
        found[2 * (place - first)] = authors[place] as number;
        found[2 * (place - first) + 1] = told[place] as number;
      }
      this.reports.set(slots[first] as number, found);
      first = end;
    }
  }

  private grow(end: number): void {
    this.end = Math.max(this.end, end);
    const size = this.isThere.length;
    if (end <= size) return;
    const larger = Math.min(MARK_COUNT_MAX, Math.max(end, 2 * size, 1024));
    const [isThere, columns] = [new Uint8Array(larger), make(larger)];
    isThere.set(this.isThere);
    for (const name of Object.keys(MARK) as Name[]) columns[name].set(this.columns[name]);
    Object.assign(this, { isThere, columns });
  }
}

function make(size: number): Record<Name, Columns> {
  return Object.fromEntries(
    Object.entries(MARK).map(([name, kind]) => [name, new KINDS[kind](size)]),
  ) as Record<Name, Columns>;
}

function readHead(body: ArrayBuffer) {
  if (body.byteLength < HEAD_SIZE || body.byteLength > FRAME_SIZE_BYTES_MAX) throw new BrokenFrame("size");
  const view = new DataView(body);
  const u4 = (at: number) => view.getUint32(at, true);
  const head = {
    what: view.getUint16(2, true), number: u4(4),
    at: Number(view.getBigInt64(8, true)), since: Number(view.getBigInt64(16, true)),
    wordSize: u4(24), newCount: u4(28), movedCount: u4(32), reportCount: u4(36), goneCount: u4(40), leftOut: u4(44),
  };
  if (view.getUint16(0, true) !== VERSION || (head.what !== WHOLE && head.what !== CHANGE)) throw new BrokenFrame("kind");
  const most = Math.max(head.newCount, head.movedCount, head.goneCount);
  if (most > MARK_COUNT_MAX || head.reportCount > REPORT_COUNT_MAX || head.wordSize > WORD_SIZE_MAX || head.wordSize % 4)
    throw new BrokenFrame("count");
  return head;
}

function readWords(raw: Uint8Array): Words {
  return JSON.parse(new TextDecoder().decode(raw)) as Words;
}

function column(table: Record<string, Columns>, name: string): Columns {
  return table[name] as Columns;
}

/** Goes through a body once. */
class Reader {
  private readonly body: ArrayBuffer;
  private at: number;

  constructor(body: ArrayBuffer, at: number) {
    this.body = body;
    this.at = at;
  }

  get isDone(): boolean {
    return this.at === this.body.byteLength;
  }

  bytes(size: number): Uint8Array {
    const at = this.at;
    this.at += size;
    if (this.at > this.body.byteLength) throw new BrokenFrame("size");
    return new Uint8Array(this.body, at, size);
  }

  table(layout: Layout, count: number): Record<string, Columns> {
    const found: Record<string, Columns> = {};
    for (const [name, kind] of Object.entries(layout)) {
      const at = this.bytes(count * KINDS[kind].BYTES_PER_ELEMENT).byteOffset;
      found[name] = new KINDS[kind](this.body, at, count);
    }
    this.at = Math.ceil(this.at / 4) * 4;
    return found;
  }
}

/** Cuts what comes over the wire, in pieces of any size, into the bodies of frames. */
export class FrameCutter {
  private held = new Uint8Array(0);

  /** Take a piece; returns the bodies that are whole with it. */
  take(piece: Uint8Array): ArrayBuffer[] {
    const all = new Uint8Array(this.held.length + piece.length);
    all.set(this.held);
    all.set(piece, this.held.length);
    const found: ArrayBuffer[] = [];
    let at = 0;
    while (all.length - at >= 4) {
      const size = new DataView(all.buffer, at, 4).getUint32(0, true);
      if (size < HEAD_SIZE || size > FRAME_SIZE_BYTES_MAX) throw new BrokenFrame("size");
      if (all.length - at - 4 < size) break;
      found.push(all.buffer.slice(at + 4, at + 4 + size));
      at += 4 + size;
    }
    this.held = all.slice(at);
    return found;
  }
}
