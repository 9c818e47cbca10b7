/** The product that the story is about right now. Folds into the bag; the number beside the ring is the real stock. */
import { Icon } from "@merchants/design/icons";
import { useEffect } from "preact/hooks";
import { designOf, metByCard } from "../../show/arms";
import { stockOf, type ShownCard } from "../../show/cards";
import { Picture, StockLine, firstAvailable } from "../../show/ProductParts";
import { useStyle } from "../../show/style";
import type { ProductView } from "../../show/wire";
import { useRoom } from "../context";
import { Price, useMet } from "./Price";

const FOLDS_AFTER_MS = 15_000;

export function FeaturedCard() {
  const { room } = useRoom();
  const card = room.visibleCard.value;
  const product = card && room.product(card.productId);
  if (!card || !product) return null;
  return <Card key={card.key} card={card} product={product} />;
}

function Card({ card, product }: { card: ShownCard; product: ProductView }) {
  const { room, acts } = useRoom();
  useFold(card.key);
  const variant = firstAvailable(product);
  const stock = stockOf(product);
  const isSoldOut = stock.left === 0;
  const design = designOf(product, room.page.variations);
  useMet(metByCard(product, room.page.variations));
  return (
    <section class={`card is-${design}${isSoldOut ? " is-sold-out" : ""}`} aria-label={product.title}>
      <button type="button" class="card-picture" onClick={() => acts.showProduct(product.id)} aria-label={room.t("product_open", { title: product.title })}>
        <Picture product={product} />
      </button>
      <div class="card-text">
        <div class="card-head">
          <h2 class="t-15 clip-2">{product.title}</h2>
          <button type="button" class="icon-button card-close" aria-label={room.t("card_fold")} onClick={() => acts.dismiss(card)}>
            <Icon name="close" size={18} />
          </button>
        </div>
        {product.subtitle && design !== "compact" && <p class="t-13 t-quiet clip">{product.subtitle}</p>}
        {design === "full" && <StockLine product={product} t={room.t} />}
        {design === "countdown" && <StockBar product={product} />}
        <div class="card-buy">
          {variant && <Price variant={variant} size="t-20" />}
          {isSoldOut || !variant ? (
            <button type="button" class="button is-quiet" onClick={() => acts.showProduct(product.id)}>{room.t("see_details")}</button>
          ) : (
            <button type="button" class="button is-primary" onClick={() => acts.buy(product.id, variant.id, card)}>{room.t("buy")}</button>
          )}
        </div>
      </div>
    </section>
  );
}

/** What is left of the real stock, in words and as a bar that shortens with every sale. */
function StockBar({ product }: { product: ProductView }) {
  const { room } = useRoom();
  const { left, total, share } = stockOf(product);
  const bar = useStyle<HTMLSpanElement>({ "inline-size": `${Math.round(share * 100)}%` });
  return (
    <p class="stock-bar t-13">
      <span class="stock-bar-track" aria-hidden="true"><span class="stock-bar-left" ref={bar} /></span>
      {room.t("stock_of", { left, total })}
    </p>
  );
}

function useFold(key: string): void {
  const { room } = useRoom();
  useEffect(() => {
    const timer = setTimeout(() => room.closeCard(key), FOLDS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [key]);
}
