/** A price as this viewer's variant shows it, wherever the room draws one. The amount is the same for everybody. */
import { useEffect } from "preact/hooks";
import { metByPrice, priceOf } from "../../show/arms";
import type { ProductVariant } from "../../show/wire";
import { useRoom } from "../context";

export function Price({ variant, size = "" }: { variant: ProductVariant; size?: string }) {
  const { room } = useRoom();
  const { variations, reference_prices, language } = room.page;
  const { text, before } = priceOf(variant, variations, reference_prices, language);
  useMet(metByPrice(variant, variations, reference_prices, language));
  return (
    <span class={`price ${size}`}>
      {text}
      {before && (
        <s class="price-before t-13">
          <span class="unseen">{room.t("price_before")} </span>
          {before}
        </s>
      )}
    </span>
  );
}

/** What the component draws differs between the variants of these experiments. */
export function useMet(ids: readonly string[]): void {
  const { room } = useRoom();
  useEffect(() => room.meet(ids), [ids.join()]);
}
