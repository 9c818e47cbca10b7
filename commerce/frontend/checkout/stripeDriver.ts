/**
 * Stripe's own fields (Payment Element of a Checkout Session with `ui_mode: "elements"`), loaded from js.stripe.com as Stripe asks.
 * Source: docs.stripe.com/js/custom_checkout. Not tried against the real Stripe yet.
 */
import type { DriverFrame, Outcome, PaymentDriver } from "./driver";
import type { PaymentSheet } from "./types";

const SCRIPT = "https://js.stripe.com/endive/stripe.js";
const LOAD_MS = 15_000;

interface StripeElement {
  mount(place: HTMLElement): void;
  destroy(): void;
}
type Confirmed = { type: "success" } | { type: "error"; error: { code?: string; message: string } };
interface CheckoutActions {
  confirm(options: { redirect: "if_required"; returnUrl: string }): Promise<Confirmed>;
}
type LoadedActions = { type: "success"; actions: CheckoutActions } | { type: "error"; error: { message: string } };
interface CheckoutSdk {
  createPaymentElement(options: { layout: string }): StripeElement;
  loadActions(): Promise<LoadedActions>;
}
interface StripeJs {
  initCheckoutElementsSdk(options: { clientSecret: string; elementsOptions: { appearance: { theme: string } } }): CheckoutSdk;
}
type StripeFactory = (key: string, options: { stripeAccount?: string; locale: string }) => StripeJs;

export class StripeDriver implements PaymentDriver {
  private actions: CheckoutActions | null = null;
  private elements: StripeElement[] = [];

  constructor(
    private readonly payment: PaymentSheet,
    private readonly frame: DriverFrame,
  ) {}

  async mount(): Promise<void> {
    const factory = await loadStripe();
    const stripe = factory(this.payment.publishable_key, {
      ...(this.payment.account ? { stripeAccount: this.payment.account } : {}),
      locale: this.frame.language.startsWith("zh") ? "zh" : "en",
    });
    const checkout = stripe.initCheckoutElementsSdk({ clientSecret: this.payment.client_secret, elementsOptions: { appearance: { theme: "night" } } });
    const loaded = await checkout.loadActions();
    if (loaded.type === "error") throw new Error(loaded.error.message);
    this.actions = loaded.actions;
    this.show(checkout.createPaymentElement({ layout: "accordion" }));
  }

  async submit(): Promise<Outcome> {
    if (!this.actions) return { kind: "unknown" };
    const answer = await this.actions.confirm({ redirect: "if_required", returnUrl: this.frame.returnUrl });
    if (answer.type === "success") return { kind: "paid" };
    if (answer.error.code === "validation_error") return { kind: "incomplete" };
    return { kind: "declined", message: answer.error.message };
  }

  unmount(): void {
    for (const element of this.elements) element.destroy();
    this.elements = [];
  }

  private show(element: StripeElement): void {
    const place = document.createElement("div");
    this.frame.fields.append(place);
    element.mount(place);
    this.elements.push(element);
  }
}

let loading: Promise<StripeFactory> | null = null;

function loadStripe(): Promise<StripeFactory> {
  loading ??= new Promise<StripeFactory>((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: SCRIPT, async: true });
    const fail = () => {
      loading = null; // the next try loads it again
      script.remove();
      reject(new Error("Stripe.js did not load"));
    };
    const timer = setTimeout(fail, LOAD_MS);
    script.addEventListener("error", () => (clearTimeout(timer), fail()));
    script.addEventListener("load", () => {
      clearTimeout(timer);
      const factory = (window as unknown as { Stripe?: StripeFactory }).Stripe;
      if (factory) resolve(factory);
      else fail();
    });
    document.head.append(script);
  });
  return loading;
}
