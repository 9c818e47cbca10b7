import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerClock, estimate } from "./clock.ts";

const OFFSET = 4_000;

/** One ping that takes `there` and `back` ms at local time `at`. */
function ping(clock: ServerClock, at: number, there: number, back: number, offset = OFFSET): void {
  clock.sample(at, at + there + offset, at + there + back);
}

test("the quickest quarter of the pings decides, so that queueing on one way does not", () => {
  const clock = new ServerClock(() => 0);
  for (let i = 0; i < 12; i++) ping(clock, i * 60, 5 + (i % 4 === 0 ? 0 : 40 * (i % 4)), 5);
  assert.ok(Math.abs(clock.offsetMs - OFFSET) < 1, String(clock.offsetMs));
});

test("the clock is ready after eight pings, and knows the page's time until then", () => {
  const clock = new ServerClock(() => 100);
  clock.seed(4_100);
  assert.equal(clock.serverNow(), 4_100);
  for (let i = 0; i < 7; i++) ping(clock, i, 1, 1);
  assert.equal(clock.isReady, false);
  ping(clock, 8, 1, 1);
  assert.equal(clock.isReady, true);
});

test("a clock that jumped is followed at once, for its old samples cannot be true any more", () => {
  const clock = new ServerClock(() => 0);
  for (let i = 0; i < 20; i++) ping(clock, i * 60, 3, 3);
  ping(clock, 2_000, 3, 3, OFFSET + 5_000);
  assert.equal(clock.offsetMs, OFFSET + 5_000);
});

test("a slow ping says nothing against quick ones", () => {
  const clock = new ServerClock(() => 0);
  for (let i = 0; i < 20; i++) ping(clock, i * 60, 3, 3);
  ping(clock, 2_000, 900, 3);
  assert.ok(Math.abs(clock.offsetMs - OFFSET) < 1);
});

test("listeners hear of each estimate until they leave", () => {
  const clock = new ServerClock(() => 0);
  const heard: number[] = [];
  const leave = clock.onChange((offset) => heard.push(offset));
  ping(clock, 0, 1, 1);
  leave();
  ping(clock, 10, 1, 1);
  assert.deepEqual(heard, [OFFSET]);
});

test("the estimate of an even number of samples is the mean of the middle two", () => {
  const sample = (offsetMs: number, rttMs: number) => ({ offsetMs, rttMs, atMs: 0 });
  assert.equal(estimate([sample(1, 1), sample(3, 1), ...Array.from({ length: 6 }, () => sample(99, 50))]), 2);
});
