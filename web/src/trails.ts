// Where tracks were: for each a ring of places, taken when it has moved far enough. Kept by name, so that a stream that
// begins anew goes on with them.

/** Places of one track. */
export const TRAIL_SIZE = 48;
/** Of the world's width: some 800 m at 40° north. */
const STEP = 1 / 40_000;
const TRAIL_COUNT_MAX = 20_000;

export class Trails {
  /** x, y, and the instant in seconds since `since`, of each place; by trail. */
  private places = new Float32Array(3 * TRAIL_SIZE * 256);
  private counts = new Uint32Array(256);
  private readonly names = new Map<string, number>();
  since = 0;

  /** Return the trail of a name; −1 where there is no room for another. */
  find(name: string): number {
    const found = this.names.get(name);
    if (found !== undefined) return found;
    const trail = this.names.size;
    if (trail >= TRAIL_COUNT_MAX) return -1;
    this.names.set(name, trail);
    if (trail >= this.counts.length) this.grow();
    return trail;
  }

  /** Add a place if it lies far enough from the last one, or nothing was there. */
  add(trail: number, x: number, y: number, at: number): void {
    if (trail < 0) return;
    const count = this.counts[trail] as number;
    const base = 3 * TRAIL_SIZE * trail;
    if (count > 0) {
      const last = base + 3 * ((count - 1) % TRAIL_SIZE);
      const [dx, dy] = [x - (this.places[last] as number), y - (this.places[last + 1] as number)];
      if (dx * dx + dy * dy < STEP * STEP || at <= (this.places[last + 2] as number)) return;
    }
    const place = base + 3 * (count % TRAIL_SIZE);
    this.places[place] = x;
    this.places[place + 1] = y;
    this.places[place + 2] = at;
    this.counts[trail] = count + 1;
  }

  /** Write the pieces of a trail, oldest first: x, y, x, y, age from 0 (old) to 1; returns where the next goes. */
  write(trail: number, into: Float32Array, at: number): number {
    const count = trail < 0 ? 0 : (this.counts[trail] as number);
    const base = 3 * TRAIL_SIZE * trail;
    const first = Math.max(0, count - TRAIL_SIZE);
    let next = at;
    for (let number = first + 1; number < count; number++) {
      const [one, two] = [base + 3 * ((number - 1) % TRAIL_SIZE), base + 3 * (number % TRAIL_SIZE)];
      if (next + 5 > into.length) return next;
      into[next] = this.places[one] as number;
      into[next + 1] = this.places[one + 1] as number;
      into[next + 2] = this.places[two] as number;
      into[next + 3] = this.places[two + 1] as number;
      into[next + 4] = (number - first) / (count - first);
      next += 5;
    }
    return next;
  }

  private grow(): void {
    const places = new Float32Array(2 * this.places.length);
    const counts = new Uint32Array(2 * this.counts.length);
    places.set(this.places);
    counts.set(this.counts);
    this.places = places;
    this.counts = counts;
  }
}
