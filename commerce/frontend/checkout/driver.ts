/** What a payment sheet can do, whoever takes the card: Stripe.js or the sandbox. */
import type { Texts } from "@merchants/design/texts";
import type { PaymentSheet } from "./types";

export type Outcome =
  | { kind: "paid" }
  /** Another card may be tried. `message` is in the reader's language. */
  | { kind: "declined"; message: string }
  /** Something typed is wrong; the driver shows it at its field. */
  | { kind: "incomplete" }
  | { kind: "expired" }
  /** Nobody knows; the server is asked. */
  | { kind: "unknown" };

/** Where a driver draws and what it tells the sheet around it. */
export interface DriverFrame {
  fields: HTMLElement;
  texts: Texts;
  totalMinor: number;
  returnUrl: string;
  language: string;
  isTest: boolean;
  /** The bank's own page, to be shown over the fields; null takes it away. */
  showChallenge: (url: string | null) => void;
}

export interface PaymentDriver {
  /** Draw the card fields. Throws when the processor cannot be reached. */
  mount(): Promise<void>;
  /** Send what was typed; resolves when it is decided, after the bank's page if there is one. */
  submit(): Promise<Outcome>;
  unmount(): void;
}

/** The driver that the server named. Each is loaded when it is needed. */
export async function loadDriver(payment: PaymentSheet, frame: DriverFrame): Promise<PaymentDriver> {
  if (payment.driver === "sandbox") return new (await import("./sandboxDriver")).SandboxDriver(payment, frame);
  return new (await import("./stripeDriver")).StripeDriver(payment, frame);
}
