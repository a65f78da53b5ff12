// What tracks are called, as everywhere: the author and its number; of a single observation the number behind a nought.

export function nameTrack(author: string, track: number, number = 0): string {
  return track === 0 ? `${author}-0/${number}` : `${author}-${String(track).padStart(4, "0")}`;
}
