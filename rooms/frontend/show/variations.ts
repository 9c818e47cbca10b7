/** What an experiment changes of an episode for this viewer, and when they have met it. Pure. */
import type { Playback, Variation } from "./page";

/** The episode with its cues at this viewer's times, in order of time. */
export function varied(playback: Playback, variations: readonly Variation[]): Playback {
  const times = Object.assign({}, ...variations.map((one) => one.cue_times)) as Record<string, number>;
  if (!playback.cues.some((cue) => cue.id in times)) return playback;
  const cues = playback.cues.map((cue) => ({ ...cue, at_ms: times[cue.id] ?? cue.at_ms }));
  return { ...playback, cues: cues.sort((one, other) => one.at_ms - other.at_ms) };
}

/** Kinds that are met where what is drawn, or the picture itself, looks different; see `arms.ts`. */
const DRAWN: ReadonlySet<string> = new Set(["card_design", "price_display", "quality_ladder"]);

/** The experiments that somebody meets who watches this episode, or, with null, the host. */
export function metBy(episodeId: string | null, variations: readonly Variation[]): string[] {
  const played = variations.filter((one) => !DRAWN.has(one.kind));
  const met = played.filter((one) => one.episode_ids.length === 0 || (episodeId !== null && one.episode_ids.includes(episodeId)));
  return met.map((one) => one.experiment_id);
}
