import assert from "node:assert/strict";
import { test } from "node:test";
import { withRepeatedSound } from "./signalling";

test("Opus is offered with repetition, once, and nothing else changes", () => {
  const offer = "m=audio 9 UDP/TLS/RTP/SAVPF 111 9\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=rtpmap:9 G722/8000\r\nm=video 9 x 96\r\na=rtpmap:96 H264/90000\r\n";
  const made = withRepeatedSound(offer);
  assert.equal(made, offer.replace("opus/48000/2\r\n", "opus/48000/2\r\na=rtcp-fb:111 nack\r\n"));
  assert.equal(withRepeatedSound(made), made);
});
