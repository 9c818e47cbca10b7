/** The viewer's own orders in this shop: asked once they are looked at, and again when one of them moved. */
import { ApiError, callApi } from "@merchants/design/api";
import { signal } from "@preact/signals";

/** As `/api/v1/orders/` gives it; the newest comes first. */
export interface OwnOrder {
  id: string;
  number: string;
  state: "pending" | "paying" | "paid" | "refunded" | "expired" | "cancelled";
  total: { text: string };
  receipt_url: string;
  lines: { product_title: string; quantity: number }[];
}

export class OwnOrders {
  /** Null until they were asked for. */
  readonly list = signal<readonly OwnOrder[] | null>(null);
  readonly error = signal("");

  constructor(
    private readonly url: string,
    private readonly networkText: string,
  ) {}

  /** Ask the server; without an answer the last list stays and `error` says so. */
  async load(): Promise<void> {
    try {
      this.list.value = await callApi<OwnOrder[]>(this.url, { networkText: this.networkText });
      this.error.value = "";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.error.value = error.message;
    }
  }
}

/** Each article once, with its count: `Lantern, Rope ×2`. */
export function articlesOf(order: OwnOrder): string {
  return order.lines.map((line) => (line.quantity > 1 ? `${line.product_title} ×${line.quantity}` : line.product_title)).join(", ");
}
