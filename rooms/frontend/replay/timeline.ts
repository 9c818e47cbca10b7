/** The replay's one timeline over the stretches of its episodes and live parts. Pure; milliseconds. */
import type { LeftOut, Moment, Stretch } from "./state";

export interface Place {
  stretch: Stretch;
  /** Position in the stretch's entry of the program. */
  positionMs: number;
}

/** Where a moment of the timeline lies; past the end, the last frame. Null for an empty timeline. */
export function placeAt(stretches: readonly Stretch[], atMs: number): Place | null {
  const found = stretches.filter((stretch) => stretch.at_ms <= Math.max(0, atMs)).at(-1);
  return found ? { stretch: found, positionMs: Math.min(found.to_ms, found.from_ms + Math.max(0, atMs) - found.at_ms) } : null;
}

/** The moment of the timeline at which a position of this stretch is shown. */
export function timeOf(stretch: Stretch, positionMs: number): number {
  return stretch.at_ms + Math.min(Math.max(positionMs, stretch.from_ms), stretch.to_ms) - stretch.from_ms;
}

/** Where a position of the stretch lies in its film, and back. They are the same for an episode. */
export function mediaOf(stretch: Stretch, positionMs: number): number {
  return stretch.media_ms + positionMs - stretch.from_ms;
}

export function positionIn(stretch: Stretch, mediaMs: number): number {
  return stretch.from_ms + mediaMs - stretch.media_ms;
}

/** What was left out between two moments of the timeline, the second included. */
export function leftOutBetween(leftOut: readonly LeftOut[], fromMs: number, toMs: number): LeftOut | null {
  return leftOut.find((part) => fromMs < part.at_ms && part.at_ms <= toMs) ?? null;
}

export function stretchAfter(stretches: readonly Stretch[], stretch: Stretch): Stretch | null {
  return stretches[stretches.indexOf(stretch) + 1] ?? null;
}

/** The card that is up at `atMs`: the one that rose last. */
export function momentAt(moments: readonly Moment[], atMs: number): Moment | null {
  return moments.filter((moment) => moment.at_ms <= atMs && atMs < moment.at_ms + moment.duration_ms).at(-1) ?? null;
}

/** An area under the heat, as an SVG path in a box of `width` x `height`; a quiet show keeps a low line. */
export function heatPath(heat: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...heat);
  const step = width / Math.max(1, heat.length - 1);
  const level = (count: number) => height - Math.max(2, Math.sqrt(count / most) * height);
  const smooth = heat.map((count, index) => (count * 2 + (heat[index - 1] ?? count) + (heat[index + 1] ?? count)) / 4);
  const points = smooth.map((count, index) => [index * step, level(count)] as const);
  let path = `M0 ${height}L0 ${(points[0]?.[1] ?? height).toFixed(1)}`;
  for (let index = 1; index < points.length; index++) {
    const [x0, y0] = points[index - 1] ?? [0, height];
    const [x1, y1] = points[index] ?? [0, height];
    const middle = ((x0 + x1) / 2).toFixed(1);
    path += `C${middle} ${y0.toFixed(1)} ${middle} ${y1.toFixed(1)} ${x1.toFixed(1)} ${y1.toFixed(1)}`;
  }
  return `${path}L${width} ${height}Z`;
}
