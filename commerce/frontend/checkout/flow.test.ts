import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "@merchants/design/api";
import type { Outcome, PaymentDriver } from "./driver";
import { CheckoutFlow, type FlowOptions } from "./flow";
import type { Checkout, Offer, OrderState } from "./types";

const TEXTS = { network: "no connection", email_missing: "e-mail?", ship_name_missing: "name?", ship_address_missing: "where?" };
const PRICE = { amount_minor: 8900, currency: "USD", text: "$89.00" };
const OFFER: Offer = {
  product: { id: "p", title: "Pendant", subtitle: "", image_url: "", ships: false, variants: [{ id: "v", title: "Gold", price: PRICE, available: 3, is_limited: true }] },
  buyer: { email: "iris@mail.test", ship_name: "", ship_address: "" },
  is_test: true, hold_ttl_s: 300, most: 10, language: "en", texts: TEXTS,
};

function checkout(state: OrderState = "paying"): Checkout {
  const now = Date.now();
  return {
    order: { id: "o", number: "A-1", state, total: PRICE, expires_at_ms: now + 300_000, receipt_url: "/orders/t/" },
    payment: { driver: "sandbox", session_id: "s", client_secret: "c", publishable_key: "pk", account: "", api_base: "" },
    server_ms: now,
  };
}

/** A flow whose shop answers from a table of paths, in turn; the last answer stays. */
function makeFlow(answers: Record<string, unknown[]>, outcomes: Outcome[] = [], options: Partial<FlowOptions> = {}) {
  const calls: { path: string; body: unknown }[] = [];
  const call = (async (path: string, request: { body?: unknown } = {}) => {
    calls.push({ path, body: request.body });
    const queue = Object.entries(answers).find(([part]) => path.includes(part))?.[1] ?? [];
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    if (answer instanceof Error) throw answer;
    return answer;
  }) as FlowOptions["call"];
  const driver: PaymentDriver = { mount: async () => undefined, submit: async () => outcomes.shift() ?? { kind: "paid" }, unmount: () => undefined };
  const flow = new CheckoutFlow({ variantId: "v", call, load: async () => driver, pause: async () => undefined, ...options });
  return { flow, calls };
}

async function toPayment(flow: CheckoutFlow): Promise<void> {
  Object.assign(globalThis, { location: { href: "http://aurora.localhost/" } });
  await flow.start();
  await flow.hold();
  await flow.openDriver({} as HTMLElement);
}

test("a good card ends with the paid order", async () => {
  const paid: string[] = [];
  const { flow } = makeFlow({ offers: [OFFER], settle: [checkout("paid")], "/checkout/": [checkout()] }, [], { onPaid: (order) => paid.push(order.id) });
  await toPayment(flow);
  await flow.pay();
  assert.equal(flow.step.value, "done");
  assert.deepEqual(paid, ["o"]);
});

test("a declined card says why and stays payable; the next card pays", async () => {
  const { flow } = makeFlow({ offers: [OFFER], settle: [checkout("paid")], "/checkout/": [checkout()] }, [{ kind: "declined", message: "refused" }, { kind: "paid" }]);
  await toPayment(flow);
  await flow.pay();
  assert.equal(flow.step.value, "payment");
  assert.equal(flow.notice.value, "refused");
  await flow.pay();
  assert.equal(flow.step.value, "done");
});

test("a lost answer is asked for again with the same key", async () => {
  const { flow, calls } = makeFlow({ offers: [OFFER], "/checkout/": [new ApiError("network", "", 0), new ApiError("unavailable", "", 503), checkout()] });
  await toPayment(flow);
  const keys = calls.filter((one) => one.path === "/api/v1/checkout/").map((one) => (one.body as { client_key: string }).client_key);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  assert.equal(flow.step.value, "payment");
});

test("sold out meanwhile: says so, shows what is left, and the next tap is a new purchase", async () => {
  const left = { ...OFFER, product: { ...OFFER.product, variants: [{ ...OFFER.product.variants[0]!, available: 1 }] } };
  const { flow, calls } = makeFlow({ offers: [OFFER, left], "/checkout/": [new ApiError("sold_out", "sold out", 409), checkout()] });
  await flow.start();
  flow.setQuantity(3);
  await flow.hold();
  assert.equal(flow.notice.value, "sold out");
  assert.equal(flow.quantity.value, 1);
  await flow.hold();
  const keys = calls.filter((one) => one.path === "/api/v1/checkout/").map((one) => (one.body as { client_key: string }).client_key);
  assert.equal(new Set(keys).size, 2);
});

test("the hold's end closes the payment, and starting again makes a new order", async () => {
  const { flow } = makeFlow({ offers: [OFFER], "/checkout/": [checkout()] });
  await toPayment(flow);
  flow.tick(Date.now() + 301_000);
  assert.equal(flow.step.value, "expired");
  await flow.startAgain();
  assert.equal(flow.step.value, "details");
  assert.equal(flow.order.value, null);
});

test("a payment that came too late ends with the money back, not with thanks", async () => {
  const { flow } = makeFlow({ offers: [OFFER], settle: [checkout("expired"), checkout("refunded")], "/checkout/": [checkout()] });
  await toPayment(flow);
  await flow.pay();
  assert.equal(flow.step.value, "late");
});

test("missing details are named at their field, and nothing is sent", async () => {
  const { flow, calls } = makeFlow({ offers: [{ ...OFFER, product: { ...OFFER.product, ships: true } }], "/checkout/": [checkout()] });
  await flow.start();
  flow.setDetail("email", "nonsense");
  await flow.hold();
  assert.deepEqual(flow.errors.value, { email: "e-mail?", ship_name: "name?", ship_address: "where?" });
  assert.ok(!calls.some((one) => one.path === "/api/v1/checkout/"));
});

test("closing gives held goods back; closing while the card is under way does not", async () => {
  const { flow, calls } = makeFlow({ offers: [OFFER], cancel: [checkout("cancelled")], "/checkout/": [checkout()] });
  await toPayment(flow);
  flow.busy.value = "paying";
  flow.leaveSheet();
  assert.ok(!calls.some((one) => one.path.includes("cancel")));
  flow.busy.value = "";
  flow.leaveSheet();
  assert.ok(calls.some((one) => one.path.includes("cancel")));
});
