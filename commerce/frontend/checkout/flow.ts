/** The course of one purchase, without a screen: offer, details, hold, payment, done. The sheet draws what these signals say. */
import { ApiError, callApi } from "@merchants/design/api";
import { fill } from "@merchants/design/texts";
import { computed, signal } from "@preact/signals";
import { loadDriver, type Outcome, type PaymentDriver } from "./driver";
import type { BuyerDetails, Checkout, Offer, Order, OrderState, OrderStatus, PaymentSheet } from "./types";

export type Step = "loading" | "failed" | "details" | "payment" | "expired" | "late" | "unknown" | "done";
export type DetailField = keyof BuyerDetails;

export interface FlowOptions {
  variantId: string;
  quantity?: number;
  /** The room's signed token, or how to get it at the moment of the tap. */
  attribution?: string | (() => Promise<string>);
  onPaid?: (order: Order) => void;
  /** For tests: how the shop is asked, which driver takes the card, how long pauses last. */
  call?: typeof callApi;
  load?: typeof loadDriver;
  pause?: (ms: number) => Promise<void>;
}

const RETRY_MS = [500, 1_500, 4_000];
const SETTLE_MS = [0, 400, 800, 1_500, 2_500, 4_000, 6_000];
const FINAL: ReadonlySet<OrderState> = new Set(["paid", "refunded"]);
const AGAIN = new Set(["network", "unavailable", "payments_unreachable", "payments_broken"]);

export class CheckoutFlow {
  readonly step = signal<Step>("loading");
  readonly busy = signal<"" | "holding" | "paying" | "confirming">("");
  readonly offer = signal<Offer | null>(null);
  readonly variantId = signal("");
  readonly quantity = signal(1);
  readonly details = signal<BuyerDetails>({ email: "", ship_name: "", ship_address: "" });
  readonly errors = signal<Partial<Record<DetailField, string>>>({});
  /** A sentence over the button: why it did not work, what to do. */
  readonly notice = signal("");
  readonly order = signal<Order | null>(null);
  readonly payment = signal<PaymentSheet | null>(null);
  readonly challengeUrl = signal<string | null>(null);
  readonly nowMs = signal(Date.now());

  readonly variant = computed(() => this.offer.value?.product.variants.find((one) => one.id === this.variantId.value) ?? null);
  readonly leftMs = computed(() => (this.order.value ? Math.max(0, this.order.value.expires_at_ms - this.nowMs.value) : 0));
  readonly totalText = computed(() => this.order.value?.total.text ?? this.estimate());

  private clientKey = crypto.randomUUID();
  private clockOffsetMs = 0;
  private driver: PaymentDriver | null = null;
  private readonly call: typeof callApi;
  private readonly load: typeof loadDriver;
  private readonly pause: (ms: number) => Promise<void>;

  constructor(private readonly options: FlowOptions) {
    this.call = options.call ?? callApi;
    this.load = options.load ?? loadDriver;
    this.pause = options.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  text(key: string, values: Readonly<Record<string, string | number>> = {}): string {
    return fill(this.offer.value?.texts[key] ?? "", values);
  }

  /** Fetch what is offered. */
  async start(): Promise<void> {
    this.step.value = "loading";
    try {
      const offer = await this.call<Offer>(`/api/v1/checkout/offers/${this.options.variantId}/`);
      this.offer.value = offer;
      this.variantId.value = this.options.variantId;
      this.details.value = offer.buyer;
      this.setQuantity(this.options.quantity ?? 1);
      this.step.value = "details";
    } catch (error) {
      this.notice.value = error instanceof ApiError ? error.message : "";
      this.step.value = "failed";
    }
  }

  choose(variantId: string): void {
    this.variantId.value = variantId;
    this.setQuantity(this.quantity.value);
  }

  /** As many as there are, between one and the limit of one order. */
  setQuantity(quantity: number): void {
    const most = Math.min(this.offer.value?.most ?? 1, Math.max(1, this.variant.value?.available ?? 1));
    this.quantity.value = Math.max(1, Math.min(most, quantity));
  }

  setDetail(field: DetailField, text: string): void {
    this.details.value = { ...this.details.value, [field]: text };
    if (this.errors.value[field]) this.errors.value = { ...this.errors.value, [field]: "" };
  }

  /** Move the clock of the hold. */
  tick(atMs: number): void {
    this.nowMs.value = atMs + this.clockOffsetMs;
    const isOver = this.order.value !== null && this.leftMs.value === 0;
    if (isOver && this.step.value === "payment" && !this.busy.value) this.leave("expired");
  }

  /** Hold the goods and open the payment. The same key goes with every repetition, so a lost answer holds nothing twice. */
  async hold(): Promise<void> {
    if (this.busy.value || !this.checkDetails()) return;
    this.busy.value = "holding";
    this.notice.value = "";
    try {
      const checkout = await this.placeWithPatience();
      this.clockOffsetMs = checkout.server_ms - Date.now();
      this.order.value = checkout.order;
      this.payment.value = checkout.payment;
      this.tick(Date.now());
      this.step.value = "payment";
    } catch (error) {
      await this.explain(error);
    } finally {
      this.busy.value = "";
    }
  }

  /** Draw the card fields into the sheet. */
  async openDriver(fields: HTMLElement): Promise<void> {
    const [offer, order, payment] = [this.offer.value, this.order.value, this.payment.value];
    if (!offer || !order || !payment) return;
    try {
      this.driver = await this.load(payment, {
        fields,
        texts: offer.texts,
        totalMinor: order.total.amount_minor,
        returnUrl: new URL(`/checkout/return/${order.id}/`, location.href).href,
        language: offer.language,
        isTest: offer.is_test,
        showChallenge: (url) => {
          this.challengeUrl.value = url;
        },
      });
      await this.driver.mount();
    } catch {
      this.notice.value = this.text("network");
    }
  }

  closeDriver(): void {
    this.driver?.unmount();
    this.driver = null;
    this.challengeUrl.value = null;
  }

  /** Send the card. */
  async pay(): Promise<void> {
    if (this.busy.value || !this.driver) return;
    this.busy.value = "paying";
    this.notice.value = "";
    try {
      await this.follow(await this.driver.submit());
    } finally {
      this.busy.value = "";
    }
  }

  /** Another try after the time was over: a new order with the same details. */
  async startAgain(): Promise<void> {
    this.closeDriver();
    this.clientKey = crypto.randomUUID();
    this.order.value = null;
    this.payment.value = null;
    this.notice.value = "";
    await this.start();
  }

  /** The sheet closes: goods that are held and not being paid go back at once. */
  leaveSheet(): void {
    const order = this.order.value;
    const isOpen = order && this.step.value === "payment" && !this.busy.value;
    this.closeDriver();
    if (isOpen) void this.call(`/api/v1/checkout/${order.id}/cancel/`, { method: "POST" }).catch(() => undefined); // the hold ends by itself
  }

  private async follow(outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case "incomplete":
        return;
      case "declined":
        this.notice.value = outcome.message;
        return;
      case "expired":
        this.leave("expired");
        return;
      default:
        await this.settle(outcome.kind === "unknown");
    }
  }

  /** Ask the server until it knows. A payment whose outcome nobody knows may also turn out unpaid: then the card stays open. */
  private async settle(mayBeUnpaid: boolean): Promise<void> {
    this.busy.value = "confirming";
    const order = this.order.value;
    if (!order) return;
    for (const wait of SETTLE_MS) {
      await this.pause(wait);
      const found = await this.ask(order.id);
      if (!found) continue;
      this.order.value = found;
      if (found.state === "paid") {
        this.leave("done");
        this.options.onPaid?.(found);
        return;
      }
      if (FINAL.has(found.state)) return this.leave("late");
      if (mayBeUnpaid) {
        this.notice.value = this.text("network");
        return;
      }
    }
    this.leave("unknown");
  }

  private async ask(orderId: string): Promise<Order | null> {
    try {
      return (await this.call<OrderStatus>(`/api/v1/checkout/${orderId}/settle/`, { method: "POST" })).order;
    } catch (error) {
      if (error instanceof ApiError) return null; // asked again; the webhook may be faster
      throw error;
    }
  }

  private leave(step: Step): void {
    this.closeDriver();
    this.step.value = step;
  }

  private checkDetails(): boolean {
    const { email, ship_name, ship_address } = this.details.value;
    const errors: Partial<Record<DetailField, string>> = {};
    if (!/^\S+@\S+\.\S+$/.test(email.trim())) errors.email = this.text("email_missing");
    if (this.offer.value?.product.ships) {
      if (!ship_name.trim()) errors.ship_name = this.text("ship_name_missing");
      if (ship_address.trim().length < 6) errors.ship_address = this.text("ship_address_missing");
    }
    this.errors.value = errors;
    return Object.keys(errors).length === 0;
  }

  private async placeWithPatience(): Promise<Checkout> {
    const attribution = await this.attribution();
    const body = { client_key: this.clientKey, lines: [{ variant_id: this.variantId.value, quantity: this.quantity.value }], ...this.details.value, attribution };
    for (const wait of RETRY_MS) {
      try {
        return await this.call<Checkout>("/api/v1/checkout/", { body });
      } catch (error) {
        if (!(error instanceof ApiError) || !AGAIN.has(error.code)) throw error;
        this.notice.value = this.text("network");
        await this.pause(wait);
      }
    }
    return this.call<Checkout>("/api/v1/checkout/", { body });
  }

  /** Where the buyer was in the show; a sale without it is a sale all the same. */
  private async attribution(): Promise<string> {
    const source = this.options.attribution ?? "";
    if (typeof source === "string") return source;
    return source().catch(() => "");
  }

  private async explain(error: unknown): Promise<void> {
    if (!(error instanceof ApiError)) throw error;
    const field = error.params.field as DetailField | undefined;
    if (error.code === "invalid_input" && field && field in this.details.value) {
      this.errors.value = { [field]: String(error.params.reason ?? error.message) };
      return;
    }
    this.notice.value = error.message || this.text("network");
    // An order that ended, or other contents under the same key: the next tap is a new purchase.
    if (["order_expired", "order_closed", "client_key_reused", "sold_out", "not_for_sale"].includes(error.code)) this.clientKey = crypto.randomUUID();
    if (error.code === "sold_out") await this.refreshOffer();
  }

  private async refreshOffer(): Promise<void> {
    const offer = await this.call<Offer>(`/api/v1/checkout/offers/${this.variantId.value}/`).catch(() => null);
    if (offer) this.offer.value = offer;
    this.setQuantity(this.quantity.value);
  }

  /** Before the order exists the total is the price times the quantity, written as the price is. */
  private estimate(): string {
    const price = this.variant.value?.price;
    if (!price) return "";
    if (this.quantity.value === 1) return price.text;
    const digits = new Intl.NumberFormat("en", { style: "currency", currency: price.currency }).resolvedOptions().maximumFractionDigits ?? 2;
    const amount = (price.amount_minor * this.quantity.value) / 10 ** digits;
    return new Intl.NumberFormat(this.offer.value?.language ?? "en", { style: "currency", currency: price.currency, currencyDisplay: "narrowSymbol" }).format(amount);
  }
}
