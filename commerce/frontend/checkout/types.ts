/** Shapes of the shop's own checkout endpoints: commerce/payments/api.py. */
import type { Texts } from "@merchants/design/texts";

export interface Amount {
  amount_minor: number;
  currency: string;
  /** In the reader's language. */
  text: string;
}

export interface OfferVariant {
  id: string;
  title: string;
  price: Amount;
  available: number;
  is_limited: boolean;
}

export interface OfferProduct {
  id: string;
  title: string;
  subtitle: string;
  image_url: string;
  ships: boolean;
  variants: OfferVariant[];
}

export interface BuyerDetails {
  email: string;
  ship_name: string;
  ship_address: string;
}

export interface Offer {
  product: OfferProduct;
  buyer: BuyerDetails;
  is_test: boolean;
  hold_ttl_s: number;
  most: number;
  language: string;
  texts: Texts;
}

export type OrderState = "pending" | "paying" | "paid" | "refunded" | "expired" | "cancelled";

export interface Order {
  id: string;
  number: string;
  state: OrderState;
  total: Amount;
  expires_at_ms: number;
  receipt_url: string;
}

/** What a driver opens the payment with. */
export interface PaymentSheet {
  driver: "sandbox" | "stripe";
  session_id: string;
  client_secret: string;
  publishable_key: string;
  account: string;
  api_base: string;
}

export interface Checkout {
  order: Order;
  payment: PaymentSheet;
  server_ms: number;
}

export interface OrderStatus {
  order: Order;
  server_ms: number;
}
