/** Seconds of a season as one line: where an episode begins on it, and what a place on it is called. */

export interface Second {
  episode: number;
  second: number;
  watching: number;
  left: number;
  hazard: number;
}

export interface Point {
  at: number;
  watching: number;
}

export interface Place {
  episode: number;
  second: number;
  time: string;
}

/** Where each episode begins: after the last second of the one before it that anybody has seen. `lengths` in seconds: of episodes that are known. */
export function beginsOf(seconds: readonly Second[], lengths: ReadonlyMap<number, number> = new Map()): Map<number, number> {
  const begins = new Map<number, number>();
  const known = new Map(lengths);
  for (const row of seconds) known.set(row.episode, Math.max(known.get(row.episode) ?? 0, row.second + 1));
  let at = 0;
  for (const episode of [...known.keys()].sort((a, b) => a - b)) {
    begins.set(episode, at);
    at += known.get(episode) ?? 0;
  }
  return begins;
}

export function pointsOf(seconds: readonly Second[], begins: ReadonlyMap<number, number>): Point[] {
  return seconds.map((row) => ({ at: (begins.get(row.episode) ?? 0) + row.second, watching: row.watching }));
}

/** Watching and leaving at a second: between two rows nobody came or went, so that those watch who stayed at the row before. */
export function countsAt(place: Pick<Place, "episode" | "second">, seconds: readonly Second[]): { watching: number; left: number } {
  let found = { watching: 0, left: 0 };
  for (const row of seconds) {
    if (row.episode > place.episode || (row.episode === place.episode && row.second > place.second)) break;
    const isHere = row.episode === place.episode && row.second === place.second;
    found = isHere ? { watching: row.watching, left: row.left } : { watching: row.watching - row.left, left: 0 };
  }
  return found;
}

/** Which of the places, by their number, have room for a name: from the left, each at least `gap` from the last one that has. */
export function namedOf(places: readonly number[], gap: number): Set<number> {
  const named = new Set<number>();
  let free = -Infinity;
  for (const [number, at] of [...places.entries()].sort((a, b) => a[1] - b[1])) {
    if (at < free) continue;
    named.add(number);
    free = at + gap;
  }
  return named;
}

export interface Band {
  share: number;
  low: number;
  high: number;
}

/** Those who watch as a share of the fullest second, with Wilson's 95 % interval. */
export function bandOf(watching: number, most: number): Band {
  if (most <= 0) return { share: 0, low: 0, high: 0 };
  const z = 1.96;
  const share = watching / most;
  const middle = (share + (z * z) / (2 * most)) / (1 + (z * z) / most);
  const half = (z * Math.sqrt((share * (1 - share)) / most + (z * z) / (4 * most * most))) / (1 + (z * z) / most);
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** The episode and its second at a place on the line. */
export function placeAt(at: number, begins: ReadonlyMap<number, number>): Place {
  let found = { episode: 1, begin: 0 };
  for (const [episode, begin] of begins) if (begin <= at) found = { episode, begin };
  const second = Math.max(0, Math.floor(at - found.begin));
  return { episode: found.episode, second, time: timeOf(second) };
}

/** `1:31`. */
export function timeOf(second: number): string {
  return `${Math.floor(second / 60)}:${String(second % 60).padStart(2, "0")}`;
}

/** A span on the line as seconds of the episode in which it begins; cut at that episode's end. */
export function spanOf(from: number, to: number, begins: ReadonlyMap<number, number>): { episode: number; beginS: number; endS: number } {
  const place = placeAt(Math.max(0, from), begins);
  const next = [...begins.values()].filter((begin) => begin > from).sort((a, b) => a - b)[0] ?? Infinity;
  const begin = begins.get(place.episode) ?? 0;
  return { episode: place.episode, beginS: place.second, endS: Math.max(place.second + 1, Math.ceil(Math.min(to, next) - begin)) };
}

export interface Stills {
  image_url: string;
  tile_width: number;
  tile_height: number;
  tile_ms: number;
  tiles: number;
  columns: number;
}

/** Where the still of a second lies in its sheet, in pixels. */
export function tileOf(stills: Stills, second: number): { left: number; top: number } {
  const tile = Math.min(stills.tiles - 1, Math.max(0, Math.floor((second * 1000) / stills.tile_ms)));
  return { left: (tile % stills.columns) * stills.tile_width, top: Math.floor(tile / stills.columns) * stills.tile_height };
}
