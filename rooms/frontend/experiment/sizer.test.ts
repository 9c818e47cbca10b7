import assert from "node:assert/strict";
import { test } from "node:test";
import { questionOf } from "./sizer";

test("per cent become permille, and what is no share is not asked for", () => {
  assert.equal(questionOf("6", "25"), "?baseline_permille=60&lift_permille=250");
  assert.equal(questionOf("0.1", "0.1"), "?baseline_permille=1&lift_permille=1");
  for (const [baseline, lift] of [["0", "25"], ["100", "25"], ["", "25"], ["6", "0"], ["6", "x"], ["6", "1001"]] as const) assert.equal(questionOf(baseline, lift), null);
});
