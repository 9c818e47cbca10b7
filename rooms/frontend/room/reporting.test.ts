import assert from "node:assert/strict";
import { test } from "node:test";
import type { FiguresMessage } from "@realtime/messages.gen";
import { Reporter } from "./reporting";

const seen = { width: 720, height: 1280, framesPerS: 30, freezes: 0, frozenMs: 0, lostShare: 0, decodeMs: 4, bufferedMs: 60, roundTripMs: 20 };

function make(watching: number, random = 0.5) {
  const sent: FiguresMessage[] = [];
  let nowMs = 0;
  const reporter = new Reporter((message) => sent.push(message), () => watching, () => nowMs, () => random);
  return { sent, reporter, watch: (seconds: number, figures = seen) => { for (let i = 0; i < seconds; i++) { reporter.note("webrtc", figures); nowMs += 1_000; } } };
}

test("a report every five seconds, with what happened since the last one", () => {
  const { sent, reporter, watch } = make(1);
  watch(3);
  reporter.stall();
  watch(3, { ...seen, freezes: 2, frozenMs: 700, lostShare: 0.04 });
  watch(5, { ...seen, freezes: 2, frozenMs: 700 });
  assert.equal(sent.length, 2);
  assert.deepEqual([sent[0]!.over_ms, sent[0]!.freezes, sent[0]!.frozen_ms, sent[0]!.stalls, sent[0]!.lost_permille], [5_000, 2, 700, 1, 40]);
  assert.deepEqual([sent[1]!.freezes, sent[1]!.frozen_ms, sent[1]!.stalls, sent[1]!.lost_permille], [0, 0, 0, 0]);
});

test("another connection begins its sums anew", () => {
  const { sent, watch } = make(1);
  watch(3, { ...seen, freezes: 9, frozenMs: 9_000 });
  watch(3, { ...seen, freezes: 1, frozenMs: 400 });
  assert.deepEqual([sent[0]!.freezes, sent[0]!.frozen_ms], [0, 0]);
});

test("of a crowd a hundred report in a round, and nobody is silent for ever", () => {
  const { sent, watch } = make(10_000);
  watch(100);
  assert.equal(sent.length, 0);
  watch(30);
  assert.equal(sent.length, 1);
  assert.equal(sent[0]!.over_ms, 120_000);
});
