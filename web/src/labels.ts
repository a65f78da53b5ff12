// Where words are written beside what they name, so that all can be read: near it where there is room, else farther off
// with a line that leads there; what belongs together and lies together has one stack. Plain numbers in pixels.

export type Box = readonly [left: number, top: number, right: number, bottom: number];

export const LINE_PX = 14;
/** Marks of one salvo that lie no farther from the first of them than this are written of together. */
const TOGETHER_PX = 56;
/** Names in one stack; of more the number is said. */
export const STACK_MAX = 6;
/** How far from its mark a label may be moved. */
const FAR_PX = [26, 52, 84, 120] as const;
const WAYS = 12;

export interface Spot {
  x: number;
  y: number;
  /** How far its symbol reaches. */
  size: number;
  name: string;
  /** What it is a report of. */
  of: string;
}

export interface Group {
  of: string;
  x: number;
  y: number;
  size: number;
  spots: Spot[];
}

/** Put together what is of one object and lies together on the screen; the order of coming is kept. */
export function gather(spots: readonly Spot[]): Group[] {
  const groups: Group[] = [];
  const known = new Map<string, Group[]>();
  for (const spot of spots) {
    const own = known.get(spot.of) ?? [];
    const group = own.find(({ spots: [first] }) => first !== undefined && Math.hypot(first.x - spot.x, first.y - spot.y) <= TOGETHER_PX);
    if (group !== undefined) {
      group.spots.push(spot);
      continue;
    }
    const made = { of: spot.of, x: spot.x, y: spot.y, size: spot.size, spots: [spot] };
    groups.push(made);
    known.set(spot.of, [...own, made]);
  }
  for (const group of groups) {
    const [xs, ys] = [group.spots.map(({ x }) => x), group.spots.map(({ y }) => y)];
    group.x = (Math.min(...xs) + Math.max(...xs)) / 2;
    group.y = (Math.min(...ys) + Math.max(...ys)) / 2;
    group.size = Math.max(...group.spots.map(({ x, y, size }) => Math.hypot(x - group.x, y - group.y) + size));
  }
  return groups;
}

/** Of each object the group that holds most of it. */
export function keepFullest(groups: readonly Group[]): Group[] {
  const found = new Map<string, Group>();
  for (const group of groups)
    if ((found.get(group.of)?.spots.length ?? 0) < group.spots.length) found.set(group.of, group);
  return [...found.values()];
}

/** The lines of a stack: how many cannot be told apart, then each report's name. */
export function writeStack(group: Group, says: string, room = STACK_MAX): string[] {
  const names = group.spots.map(({ name }) => name);
  const shown = names.length > room ? [...names.slice(0, room - 1), `+${names.length - room + 1}`] : names;
  return [says, ...shown];
}

function isFree(box: Box, taken: readonly Box[], width: number, height: number): boolean {
  const [left, top, right, bottom] = box;
  if (left < 0 || top < 0 || right > width || bottom > height) return false;
  return !taken.some(([x, y, end, foot]) => left < end && right > x && top < foot && bottom > y);
}

/** Find room for a box of words beside a place; null where there is none. Near ones first, then all round. */
export function findRoom(
  place: { x: number; y: number; size: number }, wide: number, high: number, taken: readonly Box[],
  screen: { width: number; height: number },
): Box | null {
  const { x, y, size } = place;
  const beside = size + 5;
  const near: [number, number][] = [
    [x + beside, y - high / 2], [x - beside - wide, y - high / 2],
    [x - wide / 2, y - beside - high], [x - wide / 2, y + beside],
  ];
  const far = FAR_PX.flatMap((off) =>
    Array.from({ length: WAYS }, (_, way): [number, number] => {
      const turn = (2 * Math.PI * way) / WAYS;
      const [east, south] = [Math.cos(turn), Math.sin(turn)];
      return [x + east * (size + off + wide / 2) - wide / 2, y + south * (size + off + high / 2) - high / 2];
    }),
  );
  for (const [left, top] of [...near, ...far]) {
    const box: Box = [left - 2, top, left + wide + 2, top + high];
    if (isFree(box, taken, screen.width, screen.height)) return box;
  }
  return null;
}

/** Where a line from a place meets a box; null where the box lies beside it and needs none. */
export function findLead(place: { x: number; y: number; size: number }, box: Box): [number, number] | null {
  const [left, top, right, bottom] = box;
  const [x, y] = [Math.max(left, Math.min(right, place.x)), Math.max(top, Math.min(bottom, place.y))];
  return Math.hypot(x - place.x, y - place.y) > place.size + 12 ? [x, y] : null;
}
