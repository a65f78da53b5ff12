// Reads the base map that `basemap.mjs` writes: land as polygons, borders as lines, and no names.

export type Point = [number, number];

export interface BaseMap {
  land: Point[][][];
  borders: Point[][];
}

export function readBaseMap(raw: Uint8Array): BaseMap {
  let at = 0;
  const next = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = raw[at++];
      if (byte === undefined || scale > 2 ** 35) throw new Error("the base map is broken");
      value += (byte % 128) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  if (next() !== 1) throw new Error("the base map is of another version");
  const units = next();
  const difference = (): number => {
    const value = next();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  };
  const readMany = <T>(read: () => T): T[] => Array.from({ length: next() }, read);
  const readLine = (): Point[] => {
    let [x, y] = [0, 0];
    return readMany((): Point => {
      x += difference();
      y += difference();
      return [x / units, y / units];
    });
  };
  const land = readMany(() => readMany(() => close(readLine())));
  return { land, borders: readMany(readLine) };
}

function close(ring: Point[]): Point[] {
  const first = ring[0];
  return first === undefined ? ring : [...ring, first];
}
