/** The bag on the desk: raise a card, take it down, mark what is being explained. */
import { stockOf } from "../show/cards";
import { Picture } from "../show/ProductParts";
import { useStyle } from "../show/style";
import type { ProductView } from "../show/wire";
import { isOnAir } from "../show/program";
import { useConsole } from "./context";

export function Products() {
  const { model } = useConsole();
  const { room, t } = model;
  const products = room.show.value.bag.map((id) => room.product(id)).filter((product) => product !== null);
  return (
    <section class="desk-products" aria-labelledby="desk-products-title">
      <header class="panel-head"><h2 id="desk-products-title" class="t-15">{t("products")}</h2></header>
      {products.length === 0 ? <p class="panel-empty t-quiet">{t("bag_empty")}</p> : <ol class="desk-list">{products.map((product, index) => <Row key={product.id} product={product} number={index + 1} />)}</ol>}
    </section>
  );
}

function Row({ product, number }: { product: ProductView; number: number }) {
  const { model, desk } = useConsole();
  const { room, page, t } = model;
  const stock = stockOf(product);
  const raised = room.show.value.cards.find((card) => card.product_id === product.id && card.expires_at_ms > room.nowMs.value);
  const isExplained = room.show.value.pinned_product_id === product.id;
  const canAct = page.can_air && isOnAir(room.show.value.state);
  const bar = useStyle<HTMLSpanElement>({ transform: `scaleX(${stock.share})` });
  return (
    <li class="desk-row">
      <span class="desk-number">{number}</span>
      <span class="desk-picture"><Picture product={product} /></span>
      <span class="desk-text">
        <span class="t-13 clip desk-title">{product.title}</span>
        <span class="t-12 t-quiet">{t("price_and_stock", { price: product.variants[0]?.price.text ?? "", left: stock.left })}</span>
        {stock.isLimited && <span class={`desk-stock${stock.share < 0.3 ? " is-low" : ""}`} aria-hidden="true"><span ref={bar} /></span>}
      </span>
      {canAct && (
        <span class="desk-acts">
          <button type="button" class={`small-button${raised ? " is-fire" : ""}`} onClick={() => void (raised ? desk.lower(raised.id) : desk.raise(product.id))}>{raised ? t("lower") : t("raise")}</button>
          <button type="button" class={`small-button${isExplained ? " is-gold" : ""}`} aria-pressed={isExplained} onClick={() => void desk.explain(isExplained ? null : product.id)}>{isExplained ? t("explaining") : t("explain")}</button>
        </span>
      )}
    </li>
  );
}
