/** What the server writes into the replay page. */
import type { Texts } from "@merchants/design/texts";
import type { MeasuredPage } from "../show/measuring";
import type { Playback, SeasonCard, ShopCard, ViewerCard } from "../show/page";
import type { ProductView } from "../show/wire";

/**
 * A stretch of the timeline: the program's entry `seq` from position `from_ms` to `to_ms`, beginning at `at_ms` of the replay.
 * Of an episode, or of a recording of the host's line; `media_ms` is the place of `from_ms` in its film.
 */
export interface Stretch {
  seq: number;
  episode_id: string | null;
  recording_id: string | null;
  at_ms: number;
  from_ms: number;
  to_ms: number;
  media_ms: number;
}

/** A live part that was recorded. `url` is its playlist. */
export interface Recording {
  id: string;
  url: string;
  width: number;
  height: number;
  duration_ms: number;
}

/** So much of a live part is missing just before `at_ms` of the timeline. */
export interface LeftOut {
  at_ms: number;
  length_ms: number;
}

/** A product that was shown. `at_ms` on the replay's timeline. */
export interface Moment {
  key: string;
  at_ms: number;
  duration_ms: number;
  product_id: string;
  cue_id: string | null;
}

export interface ReplayPage {
  measure: MeasuredPage;
  language: string;
  server_ms: number;
  shop: ShopCard;
  viewer: ViewerCard;
  urls: { lobby: string; room: string; replay: string; ticket: string; attribution: string; playback: string; danmaku: string; set_language: string };
  show: { airing_id: string; room_id: string; title: string; host_name: string; started_at_ms: number; duration_ms: number; likes_total: number };
  stretches: Stretch[];
  recordings: Recording[];
  left_out: LeftOut[];
  /** What is left out may still come. */
  is_being_prepared: boolean;
  season: SeasonCard | null;
  playback: Playback | null;
  moments: Moment[];
  products: ProductView[];
  heat: number[];
  languages: { code: string; name: string }[];
  csrf: string;
  texts: Texts;
}
