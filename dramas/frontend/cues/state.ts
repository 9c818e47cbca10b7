/** What the server writes into the episode's page: see `dramas/pages/episode.py`. */
import { readState, type Texts } from "@merchants/design/texts";
import type { Cue, Playback } from "../player/playback";

export interface ProductChoice {
  id: string;
  title: string;
  subtitle: string;
  image_url: string;
  /** Written in the reader's language; empty when nothing of it is for sale. */
  price: string;
  available: number;
  is_limited: boolean;
}

export interface EditorState {
  episode_id: string;
  number: number;
  duration_ms: number;
  /** A fraction: `30000/1001`. */
  frame_rate: string;
  may_edit: boolean;
  playback: Playback;
  cues: Cue[];
  products: ProductChoice[];
  kinds: { name: string; label: string; needs_product: boolean }[];
  cues_url: string;
  texts: Texts;
}

export const loadState = (): EditorState => readState<EditorState>();

/** Length of one frame in ms; 40 when the rate is not known yet. */
export function frameMs(rate: string): number {
  const [over, under = "1"] = rate.split("/");
  const framesPerSecond = Number(over) / Number(under);
  return framesPerSecond > 0 ? 1000 / framesPerSecond : 40;
}
