import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "./figures";
import { levelOf } from "./level";
import { pauseBefore } from "./signalling";
import { problemOf } from "./sources";

const inbound = (bytes: number, packets: number, lost: number) => [
  { type: "inbound-rtp", kind: "video", bytesReceived: bytes, packetsReceived: packets, packetsLost: lost, framesPerSecond: 29.7, frameWidth: 720, frameHeight: 1280, freezeCount: 1, jitterBufferDelay: packets * 0.05, jitterBufferEmittedCount: packets },
  { type: "inbound-rtp", kind: "audio", bytesReceived: 0, packetsReceived: 0, packetsLost: 0 },
  { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.04 },
];

test("figures of a line are the change between two readings", () => {
  const first = read(inbound(0, 0, 0), "inbound", null, 0);
  assert.equal(first.figures.bitsPerS, 0);
  const second = read(inbound(250_000, 95, 5), "inbound", first, 2_000).figures;
  assert.equal(second.bitsPerS, 1_000_000);
  assert.equal(second.lostShare, 0.05);
  assert.equal(second.roundTripMs, 40);
  assert.equal(second.framesPerS, 30);
  assert.equal(Math.round(second.bufferedMs), 50);
  assert.deepEqual([second.width, second.height, second.freezes], [720, 1280, 1]);
});

test("what came again was lost all the same, and repaired sound does not hide it", () => {
  const report = (packets: number, lost: number, again: number) => [
    { type: "inbound-rtp", kind: "video", packetsReceived: packets, packetsLost: lost, retransmittedPacketsReceived: again },
    { type: "inbound-rtp", kind: "audio", packetsReceived: packets * 5, packetsLost: 0 },
  ];
  const first = read(report(0, 0, 0), "inbound", null, 0);
  assert.equal(read(report(98, 15, 13), "inbound", first, 1_000).figures.lostShare, 0.15);
});

test("a sender learns of loss and the way's length from the other side", () => {
  const report = [
    { type: "outbound-rtp", kind: "video", bytesSent: 1000, packetsSent: 10, qualityLimitationReason: "bandwidth" },
    { type: "remote-inbound-rtp", kind: "video", fractionLost: 0.02, packetsLost: 3, roundTripTime: 0.06 },
  ];
  const { figures } = read(report, "outbound", null, 0);
  assert.equal(figures.lostShare, 0.02);
  assert.equal(figures.roundTripMs, 60);
  assert.equal(figures.limitedBy, "bandwidth");
});

test("a picture's way is told in milliseconds: encoding and waiting here, decoding and standing still there", () => {
  const sent = (count: number) => [
    { type: "outbound-rtp", kind: "video", packetsSent: count * 10, totalEncodeTime: count * 0.008, framesEncoded: count, totalPacketSendDelay: count * 10 * 0.003 },
    { type: "media-source", kind: "video", framesPerSecond: 29.9 },
  ];
  const sending = read(sent(60), "outbound", read(sent(30), "outbound", null, 0), 1_000).figures;
  assert.deepEqual([sending.encodeMs.toFixed(1), sending.sendMs.toFixed(1), sending.capturedPerS, sending.decodeMs], ["8.0", "3.0", 30, 0]);
  const got = (count: number) => [{ type: "inbound-rtp", kind: "video", packetsReceived: count * 10, totalDecodeTime: count * 0.004, framesDecoded: count, totalFreezesDuration: count / 100 }];
  const watching = read(got(60), "inbound", read(got(30), "inbound", null, 0), 1_000).figures;
  assert.deepEqual([watching.decodeMs.toFixed(1), watching.frozenMs, watching.encodeMs, watching.sendMs], ["4.0", 600, 0, 0]);
});

test("silence is 0, full scale is 1, and in between it goes by decibels", () => {
  assert.equal(levelOf(new Float32Array(64)), 0);
  assert.equal(levelOf(new Float32Array(64).fill(1)), 1);
  assert.equal(Math.round(levelOf(new Float32Array(64).fill(0.001)) * 100), 0);
  assert.equal(Math.round(levelOf(new Float32Array(64).fill(0.0316)) * 100), 50);
});

test("attempts are spread, and grow rarer up to 12 seconds", () => {
  assert.deepEqual([pauseBefore(1, () => 0), pauseBefore(1, () => 1)], [200, 600]);
  assert.equal(pauseBefore(20, () => 1), 12_000);
});

test("a browser's errors become one word each", () => {
  const named = (name: string) => Object.assign(new Error("x"), { name });
  assert.equal(problemOf(named("NotAllowedError")), "denied");
  assert.equal(problemOf(named("NotAllowedError"), "cancelled"), "cancelled");
  assert.equal(problemOf(named("NotFoundError")), "missing");
  assert.equal(problemOf(named("NotReadableError")), "busy");
  assert.equal(problemOf(named("TypeError")), "unsupported");
});
