/** Products as rows and as the bag. */
import { Icon } from "@merchants/design/icons";
import { Sheet } from "@merchants/design/sheet";
import { stockOf } from "../../show/cards";
import { pluralForm } from "../../show/format";
import type { ProductView } from "../../show/wire";
import { useRoom } from "../context";
import { OrderList } from "./Orders";
import { Price } from "./Price";
import { Picture, firstAvailable } from "../../show/ProductParts";

export function ProductRow({ product, number }: { product: ProductView; number?: number }) {
  const { room, acts } = useRoom();
  const variant = firstAvailable(product);
  const { left } = stockOf(product);
  const isExplained = room.show.value.pinned_product_id === product.id;
  return (
    <div class={`product-row${isExplained ? " is-explained" : ""}`}>
      <button type="button" class="product-row-open" onClick={() => acts.showProduct(product.id)} aria-label={room.t("product_open", { title: product.title })}>
        <span class="product-row-picture"><Picture product={product} />{number !== undefined && <span class="product-row-number">{number}</span>}</span>
        <span class="product-row-text">
          {isExplained && <span class="explaining">{room.t("explaining_now")}</span>}
          <span class="t-15 clip-2">{product.title}</span>
          <span class="t-13 t-quiet clip">{left === 0 ? room.t("sold_out") : product.subtitle || room.t("left", { left })}</span>
        </span>
        <span class="t-15 product-row-price">{variant && <Price variant={variant} />}</span>
      </button>
      <button
        type="button"
        class={`square-button${isExplained ? " is-accent" : ""}`}
        disabled={!variant || left === 0}
        aria-label={room.t("buy_product", { title: product.title })}
        onClick={() => variant && acts.buy(product.id, variant.id, null)}
      >
        <Icon name="bag" size={20} />
      </button>
    </div>
  );
}

export function ProductList() {
  const { room } = useRoom();
  const products = room.show.value.bag.map((id) => room.product(id)).filter((product) => product !== null);
  if (products.length === 0) {
    return (
      <div class="state">
        <span class="state-icon"><Icon name="bag" size={26} /></span>
        <p class="t-17">{room.t("bag_empty")}</p>
        <p class="state-text">{room.t("bag_empty_text")}</p>
      </div>
    );
  }
  return (
    <ol class="product-list">
      {products.map((product, index) => <li key={product.id}><ProductRow product={product} number={index + 1} /></li>)}
    </ol>
  );
}

export function BagSheet() {
  const { room, acts } = useRoom();
  const count = room.show.value.bag.length;
  return (
    <Sheet title={room.t("bag")} closeLabel={room.t("close")} onClose={acts.closeSheet} aside={<span class="t-13 t-quiet">{room.t(`products_count_${pluralForm(count, room.page.language)}`, { count })}</span>}>
      <ProductList />
      <h3 class="t-17 sheet-part">{room.t("orders")}</h3>
      <OrderList />
    </Sheet>
  );
}
