import assert from "node:assert/strict";
import { before, mock, test } from "node:test";
import { EventLog, makeIds, MOST_IN_A_BATCH, MOST_KEPT, type EventBatch, type Outcome } from "./events";

before(() => mock.timers.enable({ apis: ["setTimeout"] })); // nothing here waits for the clock

function makeLog(outcomes: Outcome[] = []) {
  const sent: EventBatch[] = [];
  const atExit: EventBatch[] = [];
  const log = new EventLog({
    send: async (batch) => {
      sent.push(structuredClone(batch));
      return outcomes.shift() ?? "taken";
    },
    sendAtExit: (batch) => void atExit.push(batch),
    now: () => 1_796_000_000_123,
  });
  return { log, sent, atExit };
}

const like = { k: "like", count: 1 } as const;

test("an id holds its moment, grows, and is a UUID of version 7", () => {
  const newId = makeIds(Math.random);
  const ids = Array.from({ length: 500 }, () => newId(1_796_000_000_123));
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, 500);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(parseInt(ids[0]!.replaceAll("-", "").slice(0, 12), 16), 1_796_000_000_123);
});

test("a clock that goes back gives no earlier id", () => {
  const newId = makeIds(Math.random);
  const first = newId(2_000);
  assert.ok(newId(1_000) > first);
});

test("what was taken is forgotten, what was not heard goes again with the same ids", async () => {
  const { log, sent } = makeLog(["unheard", "taken"]);
  log.add(like);
  log.add(like);
  await log.flush();
  assert.equal(log.size, 2);
  await log.flush();
  assert.equal(log.size, 0);
  assert.deepEqual(sent[1], sent[0]);
  await log.flush();
  assert.equal(sent.length, 2);
});

test("what is refused for good is not sent for ever", async () => {
  const { log, sent } = makeLog(["refused"]);
  log.add(like);
  await log.flush();
  await log.flush();
  assert.equal(log.size, 0);
  assert.equal(sent.length, 1);
});

test("an error of the line is no answer", async () => {
  const log = new EventLog({ send: () => Promise.reject(new Error("line")), sendAtExit: () => undefined, now: () => 1 });
  log.add(like);
  await log.flush();
  assert.equal(log.size, 1);
});

test("batches and the ring are bounded; the oldest go first", async () => {
  const { log, sent } = makeLog();
  for (let number = 1; number <= MOST_KEPT + 3; number++) log.add({ k: "like", count: number });
  assert.equal(log.size, MOST_KEPT);
  await log.flush();
  assert.equal(sent[0]?.events.length, MOST_IN_A_BATCH);
  assert.equal((sent[0]?.events[0] as { count: number }).count, 4);
  assert.ok(JSON.stringify(sent[0]).length < 16_384);
});

test("at the exit everything that fits goes, and nothing is forgotten before it is acknowledged", () => {
  const { log, atExit } = makeLog();
  for (let number = 0; number < MOST_KEPT; number++) log.add(like);
  log.leave();
  assert.equal(atExit.length, 4);
  assert.ok(atExit.reduce((sum, batch) => sum + JSON.stringify(batch).length, 0) < 65_536);
  assert.equal(log.size, MOST_KEPT);
});
