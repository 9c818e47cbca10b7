import assert from "node:assert/strict";
import { test } from "node:test";
import { barOf, waterfallOption, type Step } from "./waterfall";

const step = (amount_minor: number, total_minor: number, is_total = false): Step => ({ label: "", amount_minor, total_minor, is_total, text: "" });

test("a step hangs between what stood before it and what stands after it, a total on the ground", () => {
  assert.deepEqual(barOf(step(9_000, 9_000)), [0, 9_000]);
  assert.deepEqual(barOf(step(-500, 8_500)), [9_000, 8_500]);
  assert.deepEqual(barOf(step(8_500, 8_500, true)), [0, 8_500]);
});

test("a cost may carry the sum below zero: its bar crosses the ground", () => {
  assert.deepEqual(barOf(step(-10_000, -1_500)), [8_500, -1_500]);
  const option = waterfallOption({ currency: "USD", steps: [step(-10_000, -1_500), step(-1_500, -1_500, true)] }, { total: "t", more: "m", less: "l" });
  const [series] = option["series"] as { data: number[][] }[];
  assert.deepEqual(series?.data, [[0, 8_500, -1_500], [1, 0, -1_500]]);
});
