import assert from "node:assert/strict";
import { test } from "node:test";
import { designOf, ladderOf, metByCard, metByPicture, metByPrice, priceOf } from "./arms";
import type { VariantPayload, Variation } from "./page";
import type { ProductVariant, ProductView } from "./wire";

const varying = (kind: string, payload: VariantPayload, arms: VariantPayload[]): Variation[] => [{ experiment_id: kind, kind, episode_ids: [], cue_times: {}, payload, arms }];
const variant = (amount_minor = 3_600, text = "$36.00", currency = "USD") => ({ id: "v", price: { amount_minor, currency, text } }) as unknown as ProductVariant;
const product = (available: number, is_limited = true) => ({ id: "p", variants: [{ ...variant(), available, stock_total: 10, is_limited }] }) as unknown as ProductView;

test("a card has its viewer's design, and is met where the designs differ", () => {
  const designs = varying("card_design", { design: "compact" }, [{ design: "full" }, { design: "compact" }]);
  assert.equal(designOf(product(4), designs), "compact");
  assert.deepEqual(metByCard(product(4), designs), ["card_design"]);
  assert.equal(designOf(product(4), []), "full");
  assert.deepEqual(metByCard(product(4), []), []);
});

test("nothing counts down that has no stock: there the variants are alike and nothing is met", () => {
  const designs = varying("card_design", { design: "countdown" }, [{ design: "full" }, { design: "countdown" }]);
  assert.equal(designOf(product(4), designs), "countdown");
  for (const without of [product(99, false), product(0)]) {
    assert.equal(designOf(without, designs), "full");
    assert.deepEqual(metByCard(without, designs), []);
  }
});

test("a reference is struck out only beside the price that it belongs to", () => {
  const displays = varying("price_display", { display: "reference" }, [{ display: "plain" }, { display: "reference" }]);
  const references = { v: { now_minor: 3_600, text: "$48.00" } };
  assert.deepEqual(priceOf(variant(), displays, references, "en"), { text: "$36.00", before: "$48.00" });
  assert.deepEqual(metByPrice(variant(), displays, references, "en"), ["price_display"]);
  assert.deepEqual(priceOf(variant(3_900, "$39.00"), displays, references, "en"), { text: "$39.00", before: "" });
  assert.deepEqual(metByPrice(variant(3_900, "$39.00"), displays, references, "en"), []);
  assert.deepEqual(metByPrice(variant(), displays, {}, "en"), []);
});

test("the control meets it too, and shows the price as ever", () => {
  const displays = varying("price_display", { display: "plain" }, [{ display: "plain" }, { display: "reference" }]);
  const references = { v: { now_minor: 3_600, text: "$48.00" } };
  assert.deepEqual(priceOf(variant(), displays, references, "en"), { text: "$36.00", before: "" });
  assert.deepEqual(metByPrice(variant(), displays, references, "en"), ["price_display"]);
});

test("whole amounts lose their decimals, others keep them: never another price", () => {
  const displays = varying("price_display", { display: "short" }, [{ display: "plain" }, { display: "short" }]);
  const said = (amount: number, text: string, currency = "USD") => priceOf(variant(amount, text, currency), displays, {}, "en").text;
  assert.equal(said(360_000, "$3,600.00"), "$3,600");
  assert.equal(said(360_050, "$3,600.50"), "$3,600.50");
  assert.equal(said(3_000, "¥3,000", "JPY"), "¥3,000");
  assert.equal(said(3_600, "36,00 €", "EUR"), "36 €");
  assert.deepEqual(metByPrice(variant(3_650, "$36.50"), displays, {}, "en"), []);
});

test("the player is limited by its viewer's ladder, and the picture meets it", () => {
  const ladders = varying("quality_ladder", { top: 480 }, [{}, { top: 480 }]);
  assert.deepEqual(ladderOf(ladders), { start: null, top: 480 });
  assert.deepEqual(ladderOf(varying("quality_ladder", {}, [{}, { top: 480 }])), { start: null, top: null });
  assert.equal(ladderOf([]), null);
  assert.deepEqual(metByPicture(ladders), ["quality_ladder"]);
});
