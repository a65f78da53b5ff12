// Places on the map: longitude and latitude, in 1e-7 degree as the feed has them, to the unit square of the projection.

export const UNITS = 1e7;
const EARTH_WIDTH_M = 2 * Math.PI * 6_378_137;

export function toX(longitude: number): number {
  return longitude / (360 * UNITS) + 0.5;
}

export function toY(latitude: number): number {
  const radians = (latitude / UNITS) * (Math.PI / 180);
  return 0.5 - Math.asinh(Math.tan(Math.max(-1.4844, Math.min(1.4844, radians)))) / (2 * Math.PI);
}

/** What a metre there is of the map's width. */
export function metreAt(latitude: number): number {
  return 1 / (EARTH_WIDTH_M * Math.cos(Math.max(-1.4844, Math.min(1.4844, (latitude / UNITS) * (Math.PI / 180)))));
}

export function toLongitude(x: number): number {
  return (x - 0.5) * 360;
}

export function toLatitude(y: number): number {
  return (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;
}
