import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../../tests/rooms/program/clock_vectors.json";
import { entryAfter, entryOnAir, interruptedBy, placeToReturnTo, positionOf, remainingOf } from "./program";
import type { Entry } from "./wire";

const log: Entry[] = vectors.log.map((line) => ({
  ...line,
  source: { kind: line.source as Entry["source"]["kind"], id: String(line.seq), number: 1, of: 1, title: "" },
  airing_id: "show",
}));

test("the browser's clock gives the server's answers", () => {
  for (const moment of vectors.moments) {
    const onAir = entryOnAir(log, moment.at_ms);
    assert.equal(onAir?.seq ?? null, moment.on_air, `on air at ${moment.at_ms}`);
    assert.equal(onAir ? positionOf(onAir, moment.at_ms) : null, moment.position_ms, `position at ${moment.at_ms}`);
    assert.equal(entryAfter(log, moment.at_ms)?.seq ?? null, moment.next, `next at ${moment.at_ms}`);
  }
});

test("what has no end has nothing left of it, and what stands still never ends", () => {
  const [episode, slate] = log;
  assert.ok(episode && slate);
  assert.equal(remainingOf(slate, 12_000), null);
  assert.equal(remainingOf({ ...episode, rate: 0 }, 12_000), null);
  assert.equal(remainingOf({ ...episode, rate: 2 }, 6_000), 10_000);
});

test("a live line interrupts the episode before it, where that stood", () => {
  const entry = (seq: number, kind: Entry["source"]["kind"], startedAtMs: number): Entry => ({
    seq, airing_id: "show", started_at_ms: startedAtMs, offset_ms: 0, rate: 1, duration_ms: kind === "episode" ? 60_000 : null,
    source: { kind, id: `of-${seq}`, number: seq, of: 3, title: "" },
  });
  const entries = [entry(1, "episode", 0), entry(2, "episode", 10_000), entry(3, "live", 17_000)];
  assert.deepEqual(interruptedBy(entries[2]!, entries), { id: "of-2", number: 2, atMs: 7_000, isOver: false });
  assert.deepEqual(interruptedBy(entries[1]!, entries), { id: "of-1", number: 1, atMs: 10_000, isOver: false });
  assert.equal(interruptedBy(entries[0]!, entries), null);
  assert.equal(interruptedBy(null, entries), null);
  const announced = [entry(1, "episode", 0), entry(2, "episode", 60_000), entry(3, "live", 57_000)];
  assert.deepEqual(interruptedBy(announced[2]!, announced), { id: "of-1", number: 1, atMs: 57_000, isOver: false }); // the second never came on air
  const atItsEnd = [entry(1, "episode", 0), entry(2, "live", 60_000)];
  assert.deepEqual(interruptedBy(atItsEnd[1]!, atItsEnd), { id: "of-1", number: 1, atMs: 60_000, isOver: true });
});

test("return leads to where the episode stood, or to the next one when it was over", () => {
  const season = [1, 2].map((number) => ({ id: `of-${number}`, number }));
  const stood = { id: "of-1", number: 1, atMs: 7_000, isOver: false };
  assert.equal(placeToReturnTo(stood, season), stood);
  assert.deepEqual(placeToReturnTo({ ...stood, isOver: true }, season), { id: "of-2", number: 2, atMs: 0 });
  assert.equal(placeToReturnTo({ ...stood, id: "of-2", isOver: true }, season)?.id, "of-2"); // nothing follows the last one
  assert.equal(placeToReturnTo(null, season), null);
});
