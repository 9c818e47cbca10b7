/**
 * The program clock: which entry is on air and how far it has come, from the log alone. Pure; server time in ms.
 *
 * The same rules as `rooms/program/clock.py`; tests/rooms/program/clock_vectors.json binds the two.
 */
import type { Entry, Snapshot } from "./wire";

/** Milliseconds into the source: the offset before the start, the last frame after the end. */
export function positionOf(entry: Entry, atMs: number): number {
  const reached = entry.offset_ms + Math.max(0, atMs - entry.started_at_ms) * entry.rate;
  return entry.duration_ms === null ? reached : Math.min(reached, Math.max(entry.duration_ms, entry.offset_ms));
}

/** On air is the entry with the greatest `seq` among those that have started; null before the first one. */
export function entryOnAir(entries: readonly Entry[], atMs: number): Entry | null {
  let found: Entry | null = null;
  for (const entry of entries) if (entry.started_at_ms <= atMs && (!found || entry.seq > found.seq)) found = entry;
  return found;
}

/** The announced entry that will be on air next. One that a greater `seq` has overtaken is void. */
export function entryAfter(entries: readonly Entry[], atMs: number): Entry | null {
  const onAir = entryOnAir(entries, atMs);
  let found: Entry | null = null;
  for (const entry of entries) {
    if (entry.started_at_ms <= atMs || (onAir && entry.seq < onAir.seq)) continue;
    if (!found || entry.started_at_ms < found.started_at_ms || (entry.started_at_ms === found.started_at_ms && entry.seq > found.seq)) found = entry;
  }
  return found;
}

export interface Place {
  id: string;
  number: number;
  atMs: number;
}

/** The episode that was shown last before `onAir`, which is none, and where it stood; null without one. */
export function interruptedBy(onAir: Entry | null, entries: readonly Entry[]): (Place & { isOver: boolean }) | null {
  const shown = entries.filter((entry) => !entries.some((later) => later.seq > entry.seq && later.started_at_ms <= entry.started_at_ms));
  const story = onAir && shown.filter((entry) => entry.seq < onAir.seq && entry.source.kind === "episode").at(-1);
  const cut = story && shown.find((entry) => entry.seq > story.seq);
  if (!story?.source.id || !cut) return null;
  const atMs = positionOf(story, cut.started_at_ms);
  return { id: story.source.id, number: story.source.number ?? 0, atMs, isOver: story.duration_ms !== null && atMs >= story.duration_ms };
}

/**
 * Where `return` leads: into the interrupted episode, or from one that was over to the beginning of the next of `episodes` (in their order).
 * The same rule as `go_back` in `rooms/program/actions.py`.
 */
export function placeToReturnTo(interrupted: (Place & { isOver: boolean }) | null, episodes: readonly { id: string; number: number }[]): Place | null {
  const next = interrupted?.isOver ? episodes[episodes.findIndex((one) => one.id === interrupted.id) + 1] : undefined;
  return next ? { id: next.id, number: next.number, atMs: 0 } : interrupted;
}

/** Milliseconds of server time until the entry's source is at its end; null when it has none or stands still. */
export function remainingOf(entry: Entry, atMs: number): number | null {
  return entry.duration_ms === null || entry.rate <= 0 ? null : (entry.duration_ms - positionOf(entry, atMs)) / entry.rate;
}

/** Whether the room is on air: something plays or a slate stands. */
export function isOnAir(state: Snapshot["state"]): boolean {
  return state === "waiting" || state === "drama" || state === "live" || state === "fault";
}
