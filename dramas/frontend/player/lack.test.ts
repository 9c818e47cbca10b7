import assert from "node:assert/strict";
import { test } from "node:test";
import { Lack } from "./lack";
import type { Trouble } from "./recovery";

function listen(): { lack: Lack; told: (Trouble | null | "began" | "reload")[] } {
  const told: (Trouble | null | "began" | "reload")[] = [];
  const lack = new Lack({
    began: () => told.push("began"),
    trouble: (trouble) => told.push(trouble),
    reload: () => told.push("reload"),
  });
  return { lack, told };
}

test("pictures that do not come one after the other are one trouble that grows, and loading begins anew after the third", () => {
  const { lack, told } = listen();
  for (let missed = 0; missed < 4; missed++) lack.miss();
  assert.deepEqual(told, [
    "began",
    { kind: "no_picture", attempt: 1, retryInMs: null },
    { kind: "no_picture", attempt: 2, retryInMs: null },
    { kind: "no_picture", attempt: 3, retryInMs: 8_000 },
    "reload",
    { kind: "no_picture", attempt: 4, retryInMs: 8_000 },
  ]);
});

test("the first frame ends it, and the next time begins from one", () => {
  const { lack, told } = listen();
  lack.miss();
  assert.ok(lack.isFelt);
  lack.shown();
  lack.shown();
  assert.ok(!lack.isFelt);
  lack.miss();
  assert.deepEqual(told.slice(2), [null, "began", { kind: "no_picture", attempt: 1, retryInMs: null }]);
});

test("just after a frame nothing is missed", () => {
  const { lack, told } = listen();
  lack.expect();
  lack.look();
  assert.deepEqual(told, []);
});
