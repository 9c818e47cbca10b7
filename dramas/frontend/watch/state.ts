/** What the server writes into the season player's page: see `dramas/pages/watch.py`. */
import { readState, type Texts } from "@merchants/design/texts";
import type { Playback, Unlock } from "../player/playback";

export interface EpisodeItem {
  id: string;
  number: number;
  title: string;
  duration_ms: number;
  length: string;
  poster_url: string;
  is_locked: boolean;
  unlock: Unlock | null;
}

export interface Product {
  id: string;
  title: string;
  subtitle: string;
  image_url: string;
  variants: { id: string; title: string; price: { text: string }; available: number; is_limited: boolean }[];
}

export interface WatchState {
  season: { id: string; slug: string; title: string; licence_line: string };
  episodes: EpisodeItem[];
  playback: Playback;
  start_ms: number;
  /** When the server last heard of this viewer's place; 0 for never. */
  saved_at_ms: number;
  products: Product[];
  is_draft: boolean;
  attribution: string;
  /** With `{episode}` in it. */
  playback_url: string;
  position_url: string;
  texts: Texts;
}

export const loadState = (): WatchState => readState<WatchState>();
