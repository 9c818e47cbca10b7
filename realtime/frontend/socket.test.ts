import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { TestContext } from "node:test";
import { RoomSocket, SocketError } from "./socket.ts";
import type { SocketOptions, Status } from "./socket.ts";

/** A server's end of one connection. */
class Line {
  readyState = 1;
  readonly sent: Array<Record<string, unknown>> = [];
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  onerror: () => void = () => undefined;

  constructor(readonly url: URL) {}

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
  }

  say(message: object): void {
    this.onmessage({ data: JSON.stringify(message) });
  }

  end(code: number): void {
    this.readyState = 3;
    this.onclose({ code });
  }

  get query(): Record<string, string> {
    return Object.fromEntries(this.url.searchParams);
  }
}

interface Setting {
  socket: RoomSocket;
  lines: Line[];
  last: () => Line;
  heard: unknown[];
}

const NOTE = "note";

function setting(t: TestContext, options: Partial<SocketOptions> = {}): Setting {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const lines: Line[] = [];
  const heard: unknown[] = [];
  const connect = (url: string) => {
    const line = new Line(new URL(url));
    lines.push(line);
    return line as unknown as WebSocket;
  };
  const socket = new RoomSocket({ url: "ws://shop.test/ws/rooms/stage/", ticket: "t1", connect, random: () => 0.5, ...options });
  socket.on<{ k: string; n: number }>(NOTE, (message) => heard.push(message.n));
  t.after(() => {
    socket.close();
    mock.timers.reset();
  });
  socket.open();
  return { socket, lines, last: () => lines.at(-1)!, heard };
}

const snapshot = (s: number, epoch = "e1") => ({ k: "snapshot", s, epoch });
const note = (s: number) => ({ k: NOTE, s, n: s });
const ready = { k: "ready", resumed: true, server_ms: 0 };

test("a sequenced message is given out once and in order, and the cursor goes with the next connection", (t) => {
  const { socket, lines, last, heard } = setting(t, { language: "zh-hans" });
  assert.deepEqual(last().query, { ticket: "t1", lang: "zh-hans" });
  last().say(snapshot(3));
  last().say(ready);
  for (const s of [4, 5, 5, 4, 6]) last().say(note(s));
  last().end(1006);
  mock.timers.tick(1_000);
  assert.equal(lines.length, 2);
  assert.deepEqual(last().query, { ticket: "t1", lang: "zh-hans", since: "6", epoch: "e1" });
  for (const s of [6, 7]) last().say(note(s));
  assert.deepEqual(heard, [4, 5, 6, 7]);
  assert.deepEqual(socket.cursor, { epoch: "e1", seq: 7 });
});

test("a hole is not given out: another connection fills it", (t) => {
  const { lines, last, heard } = setting(t, { cursor: { epoch: "e1", seq: 1 } });
  last().say(note(2));
  last().say(note(4));
  mock.timers.tick(1_000);
  assert.equal(lines.length, 2);
  assert.equal(last().query["since"], "2");
  for (const s of [3, 4]) last().say(note(s));
  assert.deepEqual(heard, [2, 3, 4]);
});

test("the viewer's own stream keeps a cursor of its own", (t) => {
  const { last, heard } = setting(t, { cursor: { epoch: "e1", seq: 5 } });
  last().say({ k: "reset", on: "me", s: 2, epoch: "m1" });
  last().say({ ...note(3), on: "me" });
  last().say({ ...note(3), on: "me" });
  last().say(note(6));
  last().end(1012);
  mock.timers.tick(1_000);
  assert.deepEqual(heard, [3, 6]);
  assert.deepEqual(last().query, { ticket: "t1", since: "6", epoch: "e1", mine: "3", mine_epoch: "m1" });
});

test("a tick's messages are given out one by one", (t) => {
  const { last, heard } = setting(t);
  last().say({ k: "tick", m: [{ k: NOTE, n: 8 }, { k: NOTE, n: 9 }] });
  assert.deepEqual(heard, [8, 9]);
});

test("a sent message is answered by its reference: acknowledged, replied to, or refused", async (t) => {
  const { socket, last } = setting(t);
  await assert.rejects(socket.send({ k: "say" }), { code: "offline" });
  last().say(ready);
  const answers = [socket.send({ k: "say" }), socket.send({ k: "say" }), socket.send({ k: "say" })];
  const refs = last().sent.filter((message) => message["k"] === "say").map((message) => message["ref"]);
  last().say({ k: "ack", ref: refs[0] });
  last().say({ k: "receipt", ref: refs[1], total: 5 });
  last().say({ k: "error", ref: refs[2], code: "too_many_requests", message: "Slowly.", params: { retry_after_s: 2 } });
  assert.deepEqual(await answers[0], { k: "ack", ref: refs[0] });
  assert.deepEqual(await answers[1], { k: "receipt", ref: refs[1], total: 5 });
  await assert.rejects(answers[2]!, (error: SocketError) => error.code === "too_many_requests" && error.message === "Slowly." && error.params["retry_after_s"] === 2);
});

test("an unanswered message is given up, and a lost connection says so", async (t) => {
  const { socket, last } = setting(t);
  last().say(ready);
  const lost = socket.send({ k: "say" });
  last().end(1006);
  await assert.rejects(lost, { code: "connection_lost" });
  mock.timers.tick(1_000);
  last().say(ready);
  const unanswered = socket.send({ k: "say" });
  for (let i = 0; i < 13; i++) {
    mock.timers.tick(1_000);
    last().say({ k: "pong", t: 0, server_ms: 0 });
  }
  await assert.rejects(unanswered, { code: "no_answer" });
});

test("pauses grow, and the server's hint wins", (t) => {
  const { lines, last } = setting(t);
  const pauses: number[] = [];
  for (let i = 0; i < 4; i++) {
    last().end(1006);
    let waited = 0;
    const before = lines.length;
    while (lines.length === before) mock.timers.tick(10), (waited += 10);
    pauses.push(waited);
  }
  assert.deepEqual(pauses, [250, 450, 850, 1650]);
  last().say({ k: "error", code: "too_many_requests", message: "Crowded.", params: { retry_after_s: 4 } });
  last().end(4429);
  mock.timers.tick(4_000);
  const before = lines.length;
  mock.timers.tick(1_000);
  assert.equal(lines.length, before + 1);
});

test("a void ticket is renewed at once, but not for ever", async (t) => {
  let asked = 0;
  const { lines, last } = setting(t, { refreshTicket: () => Promise.resolve(`t${++asked + 1}`) });
  last().end(4401);
  await Promise.resolve();
  await Promise.resolve();
  mock.timers.tick(1);
  assert.equal(last().query["ticket"], "t2");
  last().end(4401);
  await Promise.resolve();
  await Promise.resolve();
  mock.timers.tick(1);
  assert.equal(lines.length, 2);
  mock.timers.tick(20_000);
  assert.equal(lines.length, 3);
});

test("a refusal for good is final", (t) => {
  const { socket, lines, last } = setting(t);
  const seen: Status[] = [];
  socket.onStatus((status) => seen.push(status));
  last().end(4404);
  mock.timers.tick(60_000);
  assert.equal(lines.length, 1);
  assert.deepEqual(seen, ["connecting", "refused"]);
});

test("a connection that is silent is given up and made again", (t) => {
  const { lines, last } = setting(t);
  last().say(ready);
  mock.timers.tick(700);
  const pings = last().sent.filter((message) => message["k"] === "ping").length;
  assert.ok(pings >= 8, String(pings));
  mock.timers.tick(6_000);
  mock.timers.tick(1_000);
  assert.equal(lines.length, 2);
});

test("one listener's defect does not stop the others", (t) => {
  const { socket, last, heard } = setting(t);
  const shown = mock.method(console, "error", () => undefined);
  socket.on(NOTE as never, () => {
    throw new Error("a defect");
  });
  socket.on<{ k: string; n: number }>(NOTE, () => heard.push("second"));
  last().say({ k: NOTE, n: 1 });
  assert.deepEqual(heard, [1, "second"]);
  assert.equal(shown.mock.callCount(), 1);
  shown.mock.restore();
});

test("a closed socket stays closed", (t) => {
  const { socket, lines, last } = setting(t);
  last().say(ready);
  socket.close();
  mock.timers.tick(60_000);
  assert.equal(lines.length, 1);
  assert.equal(socket.status, "closed");
});
