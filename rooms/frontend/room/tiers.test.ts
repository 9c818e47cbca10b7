import assert from "node:assert/strict";
import { test } from "node:test";
import { Ladder } from "./tiers";

const middle = () => 0.5;

test("more than a tenth lost over five seconds leaves the direct line, a bad second does not", () => {
  const asks = (...shares: number[]) => {
    const ladder = new Ladder(middle);
    return shares.map((share) => ladder.noteLoss(share)).at(-1);
  };
  assert.equal(asks(0.2, 0.05, 0.2, 0.12, 0.2), "leave");
  assert.equal(asks(0.2, 0.2, 0.2, 0.2), null);
  assert.equal(asks(0, 0.9, 0, 0, 0), null);
  assert.equal(asks(0.09, 0.09, 0.09, 0.09, 0.09), null);
  assert.equal(asks(0.2, 0.2, 0.2, 0, 0, 0, 0), null);
});

test("who found no place tries again later and later, by itself", () => {
  const ladder = new Ladder(middle);
  ladder.fall("full", 0);
  assert.deepEqual([ladder.tier, ladder.reason, ladder.mayClimb(14_999), ladder.mayClimb(15_000)], ["llhls", "full", false, true]);
  ladder.climbFailed(15_000);
  assert.deepEqual([ladder.mayClimb(44_999), ladder.mayClimb(45_000)], [false, true]);
  let nowMs = 45_000;
  for (let tries = 0; tries < 20; tries++) ladder.climbFailed(nowMs);
  assert.deepEqual([ladder.mayClimb(nowMs + 299_000), ladder.mayClimb(nowMs + 300_000)], [false, true]);
});

test("pauses are spread over a crowd", () => {
  for (const [random, atMs] of [[0, 7_500], [1, 22_500]] as const) {
    const ladder = new Ladder(() => random);
    ladder.fall("full", 0);
    assert.deepEqual([ladder.mayClimb(atMs - 1), ladder.mayClimb(atMs)], [false, true]);
  }
});

test("the direct line is taken only after three calm seconds behind the picture", () => {
  const ladder = new Ladder(middle);
  ladder.fall("loss", 0);
  assert.deepEqual([0, 0.02, 0.07, 0, 0, 0].map((share) => ladder.noteLoss(share)), [null, null, null, null, null, "take"]);
  ladder.climb();
  assert.deepEqual([ladder.tier, ladder.reason], ["webrtc", ""]);
});

test("who fell off a direct picture three times stays, unless it held for ten minutes", () => {
  const ladder = new Ladder(middle);
  let nowMs = 0;
  const fallAfter = (heldMs: number) => {
    ladder.climb();
    ladder.noteDirect(nowMs);
    nowMs += heldMs;
    ladder.fall("loss", nowMs);
  };
  fallAfter(10_000);
  fallAfter(10_000);
  assert.equal(ladder.mayClimb(nowMs + 1_000_000), true);
  fallAfter(10_000);
  assert.equal(ladder.mayClimb(nowMs + 1_000_000), false);
  fallAfter(700_000);
  assert.equal(ladder.mayClimb(nowMs + 1_000_000), true);
});

test("refusals before a picture was there are no falls", () => {
  const ladder = new Ladder(middle);
  for (let tries = 0; tries < 10; tries++) {
    ladder.climb();
    ladder.fall("full", 0);
  }
  assert.equal(ladder.mayClimb(1_000_000), true);
});
