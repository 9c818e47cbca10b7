import assert from "node:assert/strict";
import { test } from "node:test";
import { assign, slim } from "./slots";

test("lines keep their places while others come and go", () => {
  let slots = assign(["host"], ["host", "ann"]);
  assert.deepEqual(slots, ["host", "ann"]);
  slots = assign(slots, ["host", "ann", "bob"]);
  assert.deepEqual(slots, ["host", "ann", "bob"]);
  slots = assign(slots, ["host", "bob"]);
  assert.deepEqual(slots, ["host", "", "bob"]);
  assert.deepEqual(assign(slots, ["host", "bob", "cid"]), ["host", "cid", "bob"]);
  assert.deepEqual(assign(slots, ["host", "cid", "dora", "bob"]), ["host", "cid", "bob", "dora"]);
  assert.deepEqual(assign(slots, []), ["", "", ""]);
});

test("an offer carries only the header extensions that a node answers", () => {
  const lines = ["m=video 9 UDP/TLS/RTP/SAVPF 96", "a=extmap-allow-mixed", "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset", "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", "a=mid:0", ""];
  assert.equal(slim(lines.join("\r\n")), [lines[0], lines[3], lines[4], ""].join("\r\n"));
});
