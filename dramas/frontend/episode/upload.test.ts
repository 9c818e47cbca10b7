import assert from "node:assert/strict";
import test from "node:test";
import { fingerprintOf, toBase64, Upload, type Phase, type Transport, type TusAnswer, type UploadRefused } from "./upload";

const SIZE = 10;
const file = () => new File(["0123456789"], "雨 one.mp4", { lastModified: 7 });
const answer = (status: number, headers: Record<string, string> = {}, error: TusAnswer["error"] = null): TusAnswer => ({ status, header: (name) => headers[name] ?? null, error });

/** A server that keeps what it gets; `break_` may spoil a request by its number. */
function server(spoil: (number: number, method: string) => TusAnswer | "lost" | undefined = () => undefined) {
  const kept = { bytes: "", requests: [] as string[] };
  const transport: Transport = async (request, sent) => {
    kept.requests.push(request.method);
    const spoilt = spoil(kept.requests.length, request.method);
    if (spoilt === "lost") throw new Error("line broke");
    if (spoilt) return spoilt;
    if (request.method === "POST") return answer(201, { Location: "/u/1", "Upload-Offset": String(kept.bytes.length) });
    if (request.method === "HEAD") return answer(200, { "Upload-Offset": String(kept.bytes.length) });
    if (request.method === "DELETE") return answer(204);
    if (Number(request.headers["Upload-Offset"]) !== kept.bytes.length) return answer(409, { "Upload-Offset": String(kept.bytes.length) });
    kept.bytes += await request.body!.text();
    sent(request.body!.size);
    return answer(204, { "Upload-Offset": String(kept.bytes.length) });
  };
  return { kept, transport };
}

function begin(transport: Transport) {
  const heard: { phase: Phase; sent: number }[] = [];
  const refusals: UploadRefused[] = [];
  const upload = new Upload({
    file: file(),
    episodeId: "e1",
    uploadsUrl: "/u/",
    transport,
    pieceBytes: 4,
    sleep: async () => {},
    onChange: (phase, sent, refusal) => {
      heard.push({ phase, sent });
      if (refusal) refusals.push(refusal);
    },
  });
  return { upload, heard, refusals };
}

test("a file arrives whole, in pieces, and ends with done", async () => {
  const { kept, transport } = server();
  const { upload, heard } = begin(transport);
  await upload.start();
  assert.equal(kept.bytes, "0123456789");
  assert.deepEqual(kept.requests, ["POST", "PATCH", "PATCH", "PATCH"]);
  assert.deepEqual(heard.at(-1), { phase: "done", sent: SIZE });
  assert.ok(heard.some(({ phase }) => phase === "checking"));
});

test("a broken line is waited out and nothing is sent twice into the file", async () => {
  const { kept, transport } = server((number) => (number === 3 || number === 6 ? "lost" : undefined));
  const { upload, heard } = begin(transport);
  await upload.start();
  assert.equal(kept.bytes, "0123456789");
  assert.ok(heard.some(({ phase }) => phase === "waiting"));
});

test("a busy server is asked again, a wrong offset is put right", async () => {
  const { kept, transport } = server((number) => (number === 2 ? answer(503) : number === 5 ? answer(409, { "Upload-Offset": "4" }) : undefined));
  const { upload } = begin(transport);
  await upload.start();
  assert.equal(kept.bytes, "0123456789");
});

test("a refusal ends the upload with its sentence", async () => {
  const { transport } = server((_number, method) => (method === "PATCH" ? answer(422, {}, { code: "source_truncated", message: "It was cut off." }) : undefined));
  const { upload, heard, refusals } = begin(transport);
  await upload.start();
  assert.equal(heard.at(-1)!.phase, "refused");
  assert.deepEqual([refusals[0]!.code, refusals[0]!.message], ["source_truncated", "It was cut off."]);
});

test("a paused upload goes on where it stopped", async () => {
  let upload: Upload;
  const { kept, transport } = server((number) => (number === 3 ? (upload.pause(), "lost") : undefined));
  const begun = begin(transport);
  upload = begun.upload;
  await upload.start();
  assert.equal(begun.heard.at(-1)!.phase, "paused");
  assert.equal(kept.bytes, "0123");
  await upload.start();
  assert.equal(kept.bytes, "0123456789");
  assert.equal(kept.requests.filter((method) => method === "POST").length, 1);
});

test("a cancelled upload is forgotten by the server", async () => {
  const { kept, transport } = server();
  const { upload, heard } = begin(transport);
  await upload.start();
  await upload.cancel();
  assert.equal(kept.requests.at(-1), "DELETE");
  assert.equal(heard.at(-1)!.phase, "cancelled");
});

test("an upload that the server already has in part goes on behind it", async () => {
  const { kept, transport } = server();
  kept.bytes = "01234567";
  const { upload } = begin(transport);
  await upload.start();
  assert.equal(kept.bytes, "0123456789");
  assert.deepEqual(kept.requests, ["POST", "PATCH"]);
});

test("the same file has the same fingerprint, another date another one", () => {
  assert.equal(fingerprintOf(file()), fingerprintOf(file()));
  assert.notEqual(fingerprintOf(file()), fingerprintOf({ name: "雨 one.mp4", size: SIZE, lastModified: 8 }));
  assert.ok(fingerprintOf(file()).length <= 64);
  assert.equal(Buffer.from(toBase64("雨 one.mp4"), "base64").toString(), "雨 one.mp4");
});
