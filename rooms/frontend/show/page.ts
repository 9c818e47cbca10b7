/** What the server writes into the page: the same shapes for the room, the replay and the season's own page. */
import type { Playback } from "@dramas/player/playback";
import type { Cursor } from "@realtime/socket";
import type { Texts } from "@merchants/design/texts";
import type { MeasuredPage } from "./measuring";
import type { Snapshot } from "./wire";

export type { Playback };

export interface EpisodeCard {
  id: string;
  number: number;
  title: string;
  synopsis: string;
  duration_ms: number;
  poster_url: string;
  is_playable: boolean;
  access: "free" | "paid" | "product";
  /** False when this viewer must unlock it first. */
  is_open: boolean;
  /** What opens it, when it is for sale. */
  price_text: string;
}

export interface SeasonCard {
  id: string;
  slug: string;
  title: string;
  synopsis: string;
  url: string;
  episodes: EpisodeCard[];
}

/** What a variant of a kind shows; see `rooms/insights/experiments/payloads.py`. */
export interface VariantPayload {
  design?: "full" | "compact" | "countdown";
  display?: "plain" | "reference" | "short";
  /** Short side of the picture in lines. */
  start?: number;
  top?: number;
  arm?: "drama" | "pitch" | "mixed";
}

/** An experiment as this viewer meets it. */
export interface Variation {
  experiment_id: string;
  kind: string;
  /** Where any variant's cues have another time than in the season. */
  episode_ids: string[];
  /** This viewer's, in ms. */
  cue_times: Record<string, number>;
  payload: VariantPayload;
  /** What each variant would show: where they look different, the experiment is met, in the control too. */
  arms: VariantPayload[];
}

/** What may be struck out beside a price, as long as that price is the one that it belongs to. */
export interface ReferencePrice {
  now_minor: number;
  text: string;
}

export interface ShopCard { name: string }
export interface ViewerCard { id: string; nickname: string; is_guest: boolean }

export interface RoomPage {
  language: string;
  server_ms: number;
  shop: ShopCard;
  viewer: ViewerCard;
  /** `cursor`: where the snapshot stands in the room's stream, so that the socket only sends what came later. */
  socket: { path: string; ticket: string; cursor: Cursor | null };
  urls: { lobby: string; room: string; replay: string; ticket: string; attribution: string; exposures: string; playback: string; nickname: string; orders: string; ice: string; film: string; set_language: string };
  snapshot: Snapshot;
  online: number;
  season: SeasonCard | null;
  variations: Variation[];
  /** By variant of a product. */
  reference_prices: Record<string, ReferencePrice>;
  playback: Playback | null;
  measure: MeasuredPage;
  upcoming: { title: string; url: string; starts_at_ms: number }[];
  limits: { danmaku: number; comment: number };
  languages: { code: string; name: string }[];
  /** For forms that are sent without a script, such as the language. */
  csrf: string;
  texts: Texts;
}
