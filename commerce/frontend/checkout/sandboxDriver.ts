/** The sandbox's sheet: our own card fields, sent straight to the sandbox. Protocol: commerce/sandbox/README.md. */
import { h, render } from "preact";
import { type CardField, entryOf, type TypedCard, wrongField } from "./card";
import { CardFields } from "./CardFields";
import type { DriverFrame, Outcome, PaymentDriver } from "./driver";
import type { PaymentSheet } from "./types";

interface SandboxSheet {
  result: "ready" | "declined" | "requires_action" | "paid" | "expired";
  url: string | null;
  code: string | null;
  decline_code: string | null;
}

const TIMEOUT_MS = 15_000;
const POLL_MS = 1_000;
const CHALLENGE_MS = 10 * 60_000;
const TYPED_WRONG: Readonly<Record<string, CardField>> = {
  incorrect_number: "number",
  invalid_expiry_month: "expiry",
  invalid_expiry_year: "expiry",
  invalid_cvc: "cvc",
};
const REASONS: Readonly<Record<string, string>> = {
  insufficient_funds: "insufficient_funds",
  expired_card: "expired_card",
  incorrect_cvc: "incorrect_cvc",
  processing_error: "processing_error",
  payment_intent_authentication_failure: "authentication_failed",
};

export class SandboxDriver implements PaymentDriver {
  private card: TypedCard = { number: "", expiry: "", cvc: "" };
  private stopped = new AbortController();

  constructor(
    private readonly payment: PaymentSheet,
    private readonly frame: DriverFrame,
  ) {}

  async mount(): Promise<void> {
    this.draw(null);
  }

  unmount(): void {
    this.stopped.abort();
    this.frame.showChallenge(null);
    render(null, this.frame.fields);
  }

  async submit(): Promise<Outcome> {
    const wrong = wrongField(this.card, new Date());
    this.draw(wrong);
    if (wrong) return { kind: "incomplete" };
    const sheet = await this.send();
    return sheet?.result === "requires_action" && sheet.url ? this.challenge(sheet.url) : this.outcomeOf(sheet);
  }

  /** Show the bank's page until the sheet says how it ended; its message only says when to look. */
  private async challenge(url: string): Promise<Outcome> {
    const asked = new URL(url);
    const shown = new URL(`${asked.pathname}${asked.search}`, this.payment.api_base);
    shown.searchParams.set("lang", this.frame.language.startsWith("zh") ? "zh" : "en");
    this.frame.showChallenge(shown.href);
    try {
      const until = Date.now() + CHALLENGE_MS;
      while (Date.now() < until && !this.stopped.signal.aborted) {
        await this.decisionOrPoll(shown.origin);
        const sheet = await this.read();
        if (sheet && sheet.result !== "requires_action") return this.outcomeOf(sheet);
      }
      return { kind: "unknown" };
    } finally {
      this.frame.showChallenge(null);
    }
  }

  private decisionOrPoll(origin: string): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, POLL_MS);
      const listen = (event: MessageEvent) => {
        if (event.origin === origin && (event.data as { type?: unknown } | null)?.type === "sandbox.challenge") done();
      };
      function done(): void {
        clearTimeout(timer);
        removeEventListener("message", listen);
        resolve();
      }
      addEventListener("message", listen);
    });
  }

  private outcomeOf(sheet: SandboxSheet | null): Outcome {
    if (!sheet) return { kind: "unknown" };
    if (sheet.result === "paid") return { kind: "paid" };
    if (sheet.result === "expired") return { kind: "expired" };
    const wrong = TYPED_WRONG[sheet.code ?? ""];
    if (wrong) {
      this.draw(wrong);
      return { kind: "incomplete" };
    }
    const reason = REASONS[sheet.decline_code ?? ""] ?? REASONS[sheet.code ?? ""] ?? "declined";
    return { kind: "declined", message: this.frame.texts[reason] ?? "" };
  }

  private send(): Promise<SandboxSheet | null> {
    const body = { client_secret: this.payment.client_secret, card: entryOf(this.card), expected_amount: this.frame.totalMinor, return_url: this.frame.returnUrl };
    return this.call("/confirm", { method: "POST", body: JSON.stringify(body) });
  }

  private read(): Promise<SandboxSheet | null> {
    return this.call(`?client_secret=${encodeURIComponent(this.payment.client_secret)}`, {});
  }

  /** Null when nobody knows: no answer, or one that is no sheet. */
  private async call(path: string, init: RequestInit): Promise<SandboxSheet | null> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.payment.publishable_key}` };
    if (this.payment.account) headers["Stripe-Account"] = this.payment.account;
    if (init.body) headers["Content-Type"] = "application/json";
    const address = `${this.payment.api_base}/v1/checkout/sessions/${this.payment.session_id}/sheet${path}`;
    try {
      const response = await fetch(address, { ...init, headers, signal: AbortSignal.any([this.stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]) });
      const answer = (await response.json()) as SandboxSheet & { error?: { code?: string } };
      if (response.ok) return answer;
      return answer.error?.code === "checkout_session_not_open" ? { result: "expired", url: null, code: null, decline_code: null } : null;
    } catch {
      return null;
    }
  }

  private draw(wrong: CardField | null): void {
    const onInput = (field: CardField, text: string) => {
      this.card = { ...this.card, [field]: text };
    };
    render(h(CardFields, { texts: this.frame.texts, wrong, onInput, isTest: this.frame.isTest }), this.frame.fields);
  }
}
