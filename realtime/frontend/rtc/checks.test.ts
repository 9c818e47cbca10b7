import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeEcho } from "./echo.ts";
import { judgeUplink, rateOf } from "./uplink.ts";

const levels = (level: number) => Array.from({ length: 40 }, () => level);

test("an upload is told in bits a second, and what it is good for", () => {
  assert.equal(rateOf(1_500_000, 2_000), 6_000_000);
  assert.equal(rateOf(0, 8_000), null);
  assert.equal(rateOf(1_500_000, 1), 300_000_000);
  assert.deepEqual([3_000_000, 2_999_999, 999_999].map(judgeUplink), ["good", "coarse", "poor"]);
});

test("a silent microphone, an echo and a good room are told apart", () => {
  assert.equal(judgeEcho(levels(0.1), []), "silent");
  assert.equal(judgeEcho(levels(0.7), levels(0.3)), "good");
  assert.equal(judgeEcho(levels(0.7), levels(0.65)), "echo");
  assert.equal(judgeEcho([...levels(0.1), 0.9], []), "silent"); // one knock is no voice
});
