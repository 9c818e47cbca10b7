import assert from "node:assert/strict";
import test from "node:test";
import { Follower, correct, type Followed } from "./sync";

/** A video of pure arithmetic: its position runs with its rate; a seek takes `latencyMs`. */
class Film implements Followed {
  rate = 1;
  at = 0;
  seeks = 0;
  private landsAt = 0;

  constructor(private readonly latencyMs = 200) {}

  get positionMs(): number | null {
    return this.landsAt > 0 ? null : this.at;
  }

  seek(positionMs: number): void {
    this.seeks++;
    this.at = positionMs;
    this.landsAt = this.latencyMs;
  }

  onFrame(): () => void {
    return () => undefined;
  }

  run(ms: number): void {
    const waitMs = Math.min(this.landsAt, ms);
    this.landsAt -= waitMs;
    this.at += (ms - waitMs) * this.rate;
  }
}

function simulate(film: Film, startErrorMs: number, ticks: number): { errors: number[]; rates: number[]; follower: Follower } {
  let program = 10_000;
  film.at = program + startErrorMs;
  const follower = new Follower(film, () => ({ positionMs: program, rate: 1 }));
  const errors: number[] = [];
  const rates: number[] = [];
  for (let tick = 0; tick < ticks; tick++) {
    follower.tick();
    rates.push(film.rate);
    program += 250;
    film.run(250);
    errors.push(film.at - program);
  }
  return { errors, rates, follower };
}

test("within 8 ms nothing is done", () => {
  assert.deepEqual(correct(8), { kind: "hold" });
  assert.deepEqual(correct(-8), { kind: "hold" });
});

test("a nudge is towards the program and at most 8 %", () => {
  for (const error of [9, 100, 399]) {
    const [ahead, behind] = [correct(error), correct(-error)];
    assert.ok(ahead.kind === "nudge" && ahead.rate < 1 && ahead.rate >= 0.92);
    assert.ok(behind.kind === "nudge" && behind.rate > 1 && behind.rate <= 1.08);
  }
});

test("beyond 0.4 s it seeks", () => assert.deepEqual([correct(401).kind, correct(-401).kind], ["seek", "seek"]));

test("a small error is nudged away without a seek, and the rate comes back to 1", () => {
  const film = new Film();
  const { errors, rates } = simulate(film, 300, 60);
  assert.equal(film.seeks, 0);
  assert.ok(Math.abs(errors.at(-1)!) <= 10);
  assert.equal(rates.at(-1), 1);
  assert.ok(rates.every((rate) => Math.abs(rate - 1) <= 0.0801));
});

test("after a stall of 0.7 s it is back in step within two seconds, and learns how long a seek takes", () => {
  const film = new Film(600);
  const { errors, follower } = simulate(film, -700, 24);
  assert.ok(film.seeks >= 1 && film.seeks <= 2);
  assert.ok(Math.abs(errors.at(-1)!) < 60, String(errors.at(-1)));
  assert.ok(follower.stats.seekLatencyMs > 300);
});

test("nothing is touched while there is no program or no picture", () => {
  const film = new Film();
  film.at = 99_999;
  new Follower(film, () => null).tick();
  assert.deepEqual([film.seeks, film.rate], [0, 1]);
});
