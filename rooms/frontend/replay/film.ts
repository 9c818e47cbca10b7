/** What the stage plays of a stretch: an episode as the server hands it out, or a recording of the host's line. Pure. */
import type { Playback } from "../show/page";
import type { Recording, Stretch } from "./state";

/** One film, one name: stretches of the same film need no change of picture. */
export function filmOf(stretch: Stretch): string {
  return stretch.episode_id ?? stretch.recording_id ?? "";
}

/** A recording as a player takes an episode: free, without cues and captions. */
export function playbackOf(recording: Recording): Playback {
  return {
    episode_id: recording.id,
    season_id: "",
    number: 0,
    title: "",
    duration_ms: recording.duration_ms,
    is_locked: false,
    unlock: null,
    grants: "",
    unlock_variant_id: null,
    master_url: recording.url,
    playlists: {},
    start_rendition: "",
    init_url: "",
    first_segment_url: "",
    poster_url: "",
    storyboard: null,
    captions: [],
    cues: [],
    width: recording.width,
    height: recording.height,
  };
}
