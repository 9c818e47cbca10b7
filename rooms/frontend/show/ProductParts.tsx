/** Parts of a product that every page shows alike: its picture, its stock, its sheet. */
import { Icon } from "@merchants/design/icons";
import { Ring } from "@merchants/design/ring";
import { Sheet } from "@merchants/design/sheet";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { stockOf } from "./cards";
import type { ProductVariant, ProductView } from "./wire";

export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

const LOW_SHARE = 0.5;

export function Picture({ product }: { product: ProductView }) {
  return product.image_url ? <img src={product.image_url} alt="" width={96} height={128} /> : <span class="picture-none"><Icon name="box" size={28} /></span>;
}

/** The real stock, as a ring and in words. Goods without stock have none to show. */
export function StockLine({ product, t }: { product: ProductView; t: Translate }) {
  const { left, total, share, isLimited } = stockOf(product);
  if (!isLimited) return null;
  const isLow = share <= LOW_SHARE;
  const text = left === 0 ? t("sold_out") : isLow ? t("stock_of", { left, total }) : t("in_stock");
  return (
    <p class={`stock${left === 0 ? " is-out" : isLow ? " is-low" : ""}`}>
      <Ring share={share} size={36} tone={isLow ? "is-gold" : "is-ok"}>{left > 99 ? "99+" : left}</Ring>
      <span class="t-13">{text}</span>
    </p>
  );
}

interface ProductSheetProps {
  product: ProductView;
  t: Translate;
  onClose: () => void;
  onBuy: (variantId: string) => void;
  /** How a price is shown, where that is not simply its text. */
  price?: (variant: ProductVariant) => ComponentChildren;
  children?: ComponentChildren;
}

/** A product with its variants; buying goes on in the checkout. */
export function ProductSheet({ product, t, onClose, onBuy, price = textOf, children }: ProductSheetProps) {
  const first = firstAvailable(product);
  const [chosenId, choose] = useState(first?.id ?? "");
  const chosen = product.variants.find((one) => one.id === chosenId) ?? first;
  const isSoldOut = !chosen || chosen.available === 0;
  const foot = (
    <div class="product-foot">
      <span class="t-24">{chosen && price(chosen)}</span>
      <button type="button" class="button is-primary is-tall" disabled={isSoldOut} onClick={() => chosen && onBuy(chosen.id)}>
        {isSoldOut ? t("sold_out") : t("buy")}
      </button>
    </div>
  );
  return (
    <Sheet title={product.title} closeLabel={t("close")} onClose={onClose} foot={foot}>
      <div class="product-page">
        <div class="product-page-picture"><Picture product={product} /></div>
        <div class="product-page-text">
          {product.badge && <span class="badge is-gold">{product.badge}</span>}
          <p class="t-quiet">{product.subtitle}</p>
          <StockLine product={product} t={t} />
        </div>
      </div>
      {product.variants.length > 1 && <VariantPicker variants={product.variants} chosenId={chosen?.id ?? ""} choose={choose} t={t} price={price} />}
      {children}
    </Sheet>
  );
}

function textOf(variant: ProductVariant): string {
  return variant.price.text;
}

interface VariantPickerProps {
  variants: ProductVariant[];
  chosenId: string;
  choose: (id: string) => void;
  t: Translate;
  price: (variant: ProductVariant) => ComponentChildren;
}

function VariantPicker({ variants, chosenId, choose, t, price }: VariantPickerProps) {
  return (
    <fieldset class="variants">
      <legend class="t-15">{t("choose_variant")}</legend>
      <div class="variants-row">
        {variants.map((variant) => (
          <label key={variant.id} class={`variant${variant.id === chosenId ? " is-chosen" : ""}${variant.available === 0 ? " is-out" : ""}`}>
            <input type="radio" name="variant" value={variant.id} checked={variant.id === chosenId} disabled={variant.available === 0} onChange={() => choose(variant.id)} />
            <span class="t-15">{variant.title}</span>
            <span class="t-13 t-quiet">{variant.available === 0 ? t("sold_out") : price(variant)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** The variant that is offered first: one that can be bought, else the first one. */
export function firstAvailable(product: ProductView): ProductVariant | undefined {
  return product.variants.find((one) => one.available > 0) ?? product.variants[0];
}
