import assert from "node:assert/strict";
import { test } from "node:test";
import type { Desk } from "@realtime/messages.gen";
import { stagesOf, totalMs } from "./stages";

const video = { kind: "video", codec: "H264", bitrate_kbps: 1400, frames_per_s: 29.5, lost_permille: 3, jitter_ms: 4 };
const line = { line: "host", role: "primary", name: "", is_on_air: true, is_connected: true, heard_ms: 10, steady_ms: 9_000, round_trip_ms: 20, media: [video], width: 1280, height: 720, troubles: {}, is_muted: false };
const live = { is_heard: true, is_offered: false, announced_at_ms: null, node: "n1", lines: [line], viewers: { webrtc: 3 }, viewers_worst_loss_permille: 0, viewers_round_trip_ms: 20, alarms: [], recording: "" };
const figures = { captured_per_s: 25, encoded_per_s: 25, encode_ms: 8, send_ms: 2, kbits_per_s: 1500, lost_permille: 1, width: 1280, height: 720, limited_by: "none" as const, round_trip_ms: 20 };
const tier = { tier: "webrtc" as const, viewers: 3, frames_per_s: 28, decode_ms: 5, buffered_ms: 60, round_trip_ms: 30, worst_loss_permille: 7, stalled: 1, sizes: { "640x360": 1, "1280x720": 2 } };
const desk: Desk = { k: "desk", at_ms: 0, live, sending: [{ at_ms: 0, line: "primary", figures }], audience: [tier], allows_filters: true };

test("each step begins where the one before has ended", () => {
  const stages = stagesOf(desk);
  assert.deepEqual(stages.map((stage) => [stage.step, stage.fromMs, stage.ms]), [
    ["capture", 0, 40],
    ["encode", 40, 8],
    ["send", 48, 2],
    ["receive", 50, 14],
    ["decode", 64, 20],
    ["render", 84, 60],
  ]);
  assert.equal(totalMs(stages), 144);
  assert.deepEqual([stages[3]!.size, stages[3]!.kbitsPerS, stages[5]!.size, stages[5]!.viewers, stages[5]!.stalled], ["1280×720", 1400, "1280×720", 3, 1]);
});

test("what nobody reports stays open: a program that sends by a key, a room without viewers", () => {
  const stages = stagesOf({ ...desk, sending: [], audience: [] });
  assert.deepEqual(stages.map((stage) => stage.ms), [null, null, null, 14, null, null]);
  assert.deepEqual(stagesOf({ ...desk, live: { ...live, lines: [] } }), []);
});
