/** What the picture shows: one name for each state of the room that looks different. Pure. */
import type { Playback } from "../show/page";
import type { Entry, Snapshot } from "../show/wire";

export type Scene = "scheduled" | "drama" | "teaser" | "live" | "waiting" | "slate" | "fault" | "ended";

/** The scene of this moment; `playback` counts only while it is that of the entry on air. */
export function sceneOf(show: Snapshot, entry: Entry | null, playback: Playback | null): Scene {
  if (show.state === "scheduled") return "scheduled";
  if (show.state === "ended" || show.state === "replay") return "ended";
  if (show.state === "fault") return "fault";
  if (!entry) return "waiting";
  if (entry.source.kind === "slate") return "slate";
  if (entry.source.kind === "live") return "live";
  if (entry.source.kind !== "episode") return "waiting";
  return playback?.episode_id === entry.source.id && playback.is_locked ? "teaser" : "drama";
}
