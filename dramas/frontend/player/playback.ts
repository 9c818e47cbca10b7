/** An episode as the server hands it to a player: see `dramas/playback/queries.py`. */

export interface Cue {
  id: string;
  kind: string;
  /** From the episode's first frame. */
  at_ms: number;
  duration_ms: number;
  payload: Record<string, unknown>;
  product_id: string | null;
}

export interface CaptionSource {
  /** BCP 47. */
  lang: string;
  label: string;
  url: string;
}

export interface Storyboard {
  image_url: string;
  tile_width: number;
  tile_height: number;
  tile_ms: number;
  tiles: number;
  columns: number;
}

export interface Unlock {
  product_id: string;
  variant_id: string;
  title: string;
  price: { amount_minor: number; currency: string; text: string };
}

export interface Playback {
  episode_id: string;
  season_id: string;
  number: number;
  title: string;
  /** Of the whole episode, also when it is locked. */
  duration_ms: number;
  is_locked: boolean;
  /** What unlocks it; null when it is free, or not for sale now. */
  unlock: Unlock | null;
  grants: string;
  unlock_variant_id: string | null;
  /** Empty when there is nothing to play: locked without a teaser, or no video yet. */
  master_url: string;
  /** Playlists by their address, so that none has to be fetched. Empty while the episode still grows. */
  playlists: Record<string, string>;
  /** Name of the rendition to begin with, and its first two files. */
  start_rendition: string;
  init_url: string;
  first_segment_url: string;
  poster_url: string;
  storyboard: Storyboard | null;
  captions: CaptionSource[];
  cues: Cue[];
  width: number;
  height: number;
}
