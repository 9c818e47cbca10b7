/**
 * Experiments about what is drawn: the card's design, how a price is shown, the picture's renditions. Pure.
 *
 * An experiment is met where its variants would look different on this very product or price, in the control too. Where they look
 * alike nothing is met, so that nobody counts who could not tell the variants apart.
 */
import type { Ladder } from "@dramas/player/ladder";
import { stockOf } from "./cards";
import { wholeAmount } from "./format";
import type { ReferencePrice, VariantPayload, Variation } from "./page";
import type { ProductVariant, ProductView } from "./wire";

export type CardDesign = NonNullable<VariantPayload["design"]>;
type PriceDisplay = NonNullable<VariantPayload["display"]>;
export type References = Readonly<Record<string, ReferencePrice>>;

/** A price as it is drawn: always the one to be paid; `before` is struck out beside it. */
export interface PriceText {
  text: string;
  before: string;
}

const shownIn = (kind: string, variations: readonly Variation[]) => variations.filter((one) => one.kind === kind);

/** The design of a product's card. A countdown needs stock to count down; without, the card is whole as ever. */
export function designOf(product: ProductView, variations: readonly Variation[]): CardDesign {
  return drawn(product, shownIn("card_design", variations)[0]?.payload.design);
}

export function metByCard(product: ProductView, variations: readonly Variation[]): string[] {
  return differing(shownIn("card_design", variations), (arm) => drawn(product, arm.design));
}

export function priceOf(variant: ProductVariant, variations: readonly Variation[], references: References, language: string): PriceText {
  return priced(variant, shownIn("price_display", variations)[0]?.payload.display, references, language);
}

export function metByPrice(variant: ProductVariant, variations: readonly Variation[], references: References, language: string): string[] {
  return differing(shownIn("price_display", variations), (arm) => JSON.stringify(priced(variant, arm.display, references, language)));
}

/** Null while no experiment limits the player. */
export function ladderOf(variations: readonly Variation[]): Ladder | null {
  const payload = shownIn("quality_ladder", variations)[0]?.payload;
  return payload ? { start: payload.start ?? null, top: payload.top ?? null } : null;
}

/** Whoever sees an episode that the player loads by renditions has met it. */
export function metByPicture(variations: readonly Variation[]): string[] {
  return shownIn("quality_ladder", variations).map((one) => one.experiment_id);
}

function drawn(product: ProductView, design: CardDesign = "full"): CardDesign {
  const { left, isLimited } = stockOf(product);
  return design === "countdown" && (!isLimited || left === 0) ? "full" : design;
}

function priced(variant: ProductVariant, display: PriceDisplay = "plain", references: References, language: string): PriceText {
  const { price } = variant;
  const reference = references[variant.id];
  const holds = display === "reference" && reference?.now_minor === price.amount_minor; // a price that has changed meanwhile has none
  return { text: display === "short" ? wholeAmount(price, language) : price.text, before: holds ? reference.text : "" };
}

function differing(variations: readonly Variation[], look: (arm: VariantPayload) => string): string[] {
  return variations.filter((one) => new Set(one.arms.map(look)).size > 1).map((one) => one.experiment_id);
}
