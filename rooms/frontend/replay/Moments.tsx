/** What was shown and when: a row leads to the moment, its button to the checkout at today's price. */
import { Icon } from "@merchants/design/icons";
import { stockOf } from "../show/cards";
import { clockText } from "../show/format";
import { Picture, StockLine, firstAvailable } from "../show/ProductParts";
import { useReplay } from "./context";
import type { Moment } from "./state";

export function Moments() {
  const { replay } = useReplay();
  const { moments } = replay.page;
  return (
    <section class="moments" aria-labelledby="moments-title">
      <header class="moments-head">
        <h2 id="moments-title" class="t-17">{replay.t("moments")}</h2>
        {moments.length > 0 && <span class="t-13 t-quiet">{replay.t("prices_today")}</span>}
      </header>
      {moments.length === 0 ? <p class="t-quiet">{replay.t("no_moments")}</p> : <ol>{moments.map((moment) => <Row key={moment.key} moment={moment} />)}</ol>}
    </section>
  );
}

function Row({ moment }: { moment: Moment }) {
  const { replay, reel } = useReplay();
  const product = replay.product(moment.product_id);
  const isNow = replay.moment.value?.key === moment.key;
  const time = clockText(moment.at_ms);
  const variant = product && firstAvailable(product);
  const { left } = product ? stockOf(product) : { left: 0 };
  const canBuy = Boolean(variant && left > 0 && product?.is_published);
  return (
    <li class={`moment${isNow ? " is-now" : ""}`} aria-current={isNow ? "true" : undefined}>
      <button type="button" class="moment-go" onClick={() => void reel.seek(moment.at_ms)} aria-label={replay.t("jump_to", { time, title: product?.title ?? "" })}>
        <span class="moment-picture">{product && <Picture product={product} />}</span>
        <span class="moment-text">
          <span class="moment-time">{time}</span>
          <span class="t-15 clip">{product?.title ?? replay.t("product_gone")}</span>
          <span class="t-13 t-quiet clip">{product ? (canBuy ? product.subtitle || replay.t("in_stock") : replay.t("sold_out")) : ""}</span>
        </span>
        {variant && <span class="t-15">{variant.price.text}</span>}
      </button>
      {product && (
        <button type="button" class={`square-button${isNow ? " is-accent" : ""}`} disabled={!canBuy} aria-label={replay.t("buy_product", { title: product.title })} onClick={() => open(moment)}>
          <Icon name="bag" size={20} />
        </button>
      )}
    </li>
  );

  function open(chosen: Moment): void {
    replay.buying.value = { productId: chosen.product_id, variantId: "", moment: chosen };
    replay.sheet.value = "product";
  }
}

/** The card over the picture, as on the evening. */
export function ReplayCard() {
  const { replay } = useReplay();
  const moment = replay.visibleMoment.value;
  const product = moment && replay.product(moment.product_id);
  if (!moment || !product) return null;
  const variant = firstAvailable(product);
  const { left } = stockOf(product);
  return (
    <section key={moment.key} class="card" aria-label={product.title}>
      <div class="card-picture"><Picture product={product} /></div>
      <div class="card-text">
        <div class="card-head">
          <h2 class="t-15 clip-2">{product.title}</h2>
          <button type="button" class="icon-button card-close" aria-label={replay.t("close")} onClick={() => replay.close(moment.key)}><Icon name="close" size={18} /></button>
        </div>
        {product.subtitle && <p class="t-13 t-quiet clip">{product.subtitle}</p>}
        <StockLine product={product} t={replay.t} />
        <div class="card-buy">
          <span class="t-20">{variant?.price.text}</span>
          <button
            type="button"
            class={`button ${left > 0 ? "is-primary" : "is-quiet"}`}
            onClick={() => {
              replay.buying.value = { productId: product.id, variantId: variant?.id ?? "", moment };
              replay.sheet.value = left > 0 && product.variants.length === 1 ? "checkout" : "product";
            }}
          >
            {left > 0 ? replay.t("buy") : replay.t("see_details")}
          </button>
        </div>
      </div>
    </section>
  );
}
