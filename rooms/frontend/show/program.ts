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

/** Where `return` leads while `onAir` is no episode: the last one that was shown before it, where it stood; null without one. */
export function interruptedBy(onAir: Entry | null, entries: readonly Entry[]): { id: string; number: number; atMs: number } | null {
  const shown = entries.filter((entry) => !entries.some((later) => later.seq > entry.seq && later.started_at_ms <= entry.started_at_ms));
  const story = onAir && shown.filter((entry) => entry.seq < onAir.seq && entry.source.kind === "episode").at(-1);
  const next = story && shown.find((entry) => entry.seq > story.seq);
  return story?.source.id && next ? { id: story.source.id, number: story.source.number ?? 0, atMs: positionOf(story, next.started_at_ms) } : null;
}

/** Milliseconds of server time until the entry's source is at its end; null when it has none or stands still. */
export function remainingOf(entry: Entry, atMs: number): number | null {
  return entry.duration_ms === null || entry.rate <= 0 ? null : (entry.duration_ms - positionOf(entry, atMs)) / entry.rate;
}

/** Whether the room is on air: something plays or a slate stands. */
export function isOnAir(state: Snapshot["state"]): boolean {
  return state === "waiting" || state === "drama" || state === "live" || state === "fault";
}
