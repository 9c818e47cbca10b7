/** Which product card stands on the picture: cues by the program's position, and what the host raised or took down. */
import { positionOf } from "./program";
import type { Show } from "./show";
import type { CueView, Entry, ProductView } from "./wire";

/** A card on the screen. `key` is the same as long as it is the same showing. */
export interface ShownCard {
  key: string;
  productId: string;
  cueId: string | null;
  /** When it leaves, in server time. */
  untilMs: number;
  programSeq: number;
  positionMs: number;
}

export const CARD_CUE = "card";

/**
 * The newest card that is up at `atMs`: one raised by the host wins over the cues of the episode. `lateMs`: so far the host's
 * picture is behind; a raised card comes and goes with the picture on which the host showed it.
 */
export function shownCard(show: Show, entry: Entry | null, cues: readonly CueView[], atMs: number, lateMs = 0): ShownCard | null {
  return raisedCard(show, atMs - lateMs, lateMs) ?? cueCard(show, entry, cues, atMs);
}

function raisedCard(show: Show, atMs: number, lateMs: number): ShownCard | null {
  const card = show.cards.filter((raised) => raised.raised_at_ms <= atMs && atMs < raised.expires_at_ms).at(-1);
  return card
    ? { key: card.id, productId: card.product_id, cueId: card.cue_id, untilMs: card.expires_at_ms + lateMs, programSeq: card.program_seq, positionMs: card.position_ms }
    : null;
}

function cueCard(show: Show, entry: Entry | null, cues: readonly CueView[], atMs: number): ShownCard | null {
  if (!entry || entry.source.kind !== "episode") return null;
  const position = positionOf(entry, atMs);
  const cue = cues
    .filter((one) => one.kind === CARD_CUE && one.product_id && one.at_ms <= position && position < one.at_ms + one.duration_ms)
    .filter((one) => !show.lowered.has(`${entry.seq}:${one.id}`))
    .at(-1);
  if (!cue?.product_id) return null;
  const untilMs = atMs + (cue.at_ms + cue.duration_ms - position) / entry.rate;
  return { key: `${entry.seq}:${cue.id}`, productId: cue.product_id, cueId: cue.id, untilMs, programSeq: entry.seq, positionMs: Math.round(position) };
}

/** Stock of a product over its variants; `share` is what is left of the whole, 0 to 1. Goods without stock are never short. */
export function stockOf(product: ProductView): { left: number; total: number; share: number; isLimited: boolean } {
  const isLimited = product.variants.every((variant) => variant.is_limited);
  const left = product.variants.reduce((sum, variant) => sum + variant.available, 0);
  const total = product.variants.reduce((sum, variant) => sum + variant.stock_total, 0);
  return { left, total, share: !isLimited ? 1 : total > 0 ? Math.min(1, left / total) : 0, isLimited };
}
