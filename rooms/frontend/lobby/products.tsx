/** Products of the lobby open in the same sheet as in a room. */
import { openCheckout } from "@commerce/checkout/sheet";
import { fill } from "@merchants/design/texts";
import { render } from "preact";
import { ProductSheet, type Translate } from "../show/ProductParts";
import type { ProductView } from "../show/wire";
import type { LobbyPage } from "./state";

export function openProducts(page: LobbyPage): void {
  const place = document.getElementById("lobby-sheet");
  if (!place) return;
  const t: Translate = (key, values) => fill(page.texts[key] ?? key, values);
  const close = () => render(null, place);
  const show = (product: ProductView) => {
    render(<ProductSheet key={product.id} product={product} t={t} onClose={close} onBuy={buy} />, place);
  };
  const buy = (variantId: string) => {
    close();
    openCheckout({ variantId, title: t("checkout"), closeLabel: t("close"), onClose: () => undefined });
  };

  document.addEventListener("click", (event) => {
    const tile = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-product]") : null;
    const product = page.products.find((one) => one.id === tile?.dataset["product"]);
    if (product) show(product);
  });
}
