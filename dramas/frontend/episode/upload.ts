/**
 * A file on its way to the server by the tus protocol (1.0.0): in pieces, with pause, and going on after a break.
 *
 * The server keeps what it has; after a reload the same file, chosen again, continues its upload (`fingerprint`).
 */

/** One request. `sent` hears the bytes of the body that left. Rejects only when no answer came. */
export type Transport = (request: TusRequest, sent: (bytes: number) => void, signal: AbortSignal) => Promise<TusAnswer>;

export interface TusRequest {
  method: "POST" | "HEAD" | "PATCH" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body?: Blob;
}

export interface TusAnswer {
  status: number;
  header(name: string): string | null;
  /** The API's refusal, if the answer is one. */
  error: { code: string; message: string } | null;
}

/** The server will not take this file; `message` is in the reader's language. */
export class UploadRefused extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
    this.name = "UploadRefused";
  }
}

export type Phase = "sending" | "paused" | "waiting" | "checking" | "done" | "refused" | "cancelled";

export interface UploadOptions {
  file: File;
  episodeId: string;
  uploadsUrl: string;
  transport: Transport;
  onChange: (phase: Phase, sentBytes: number, refusal: UploadRefused | null) => void;
  /** Seams for tests. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  pieceBytes?: number;
}

const PIECE_BYTES = 4 * 1024 * 1024;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const MOST_TRIES = 60;
const REFUSALS = new Set([401, 403, 404, 410, 412, 413, 422, 429, 507]);

/** Names a file without reading it: enough to know the same one again. */
export function fingerprintOf(file: { name: string; size: number; lastModified: number }): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const character of `${file.name}/${file.size}/${file.lastModified}`) {
    const code = character.codePointAt(0)!;
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  return `${file.size.toString(36)}-${(high >>> 0).toString(36)}-${(low >>> 0).toString(36)}`;
}

/** One upload from `start()` to `done`, `refused` or `cancelled`. */
export class Upload {
  private address = "";
  private offset = 0;
  private abort = new AbortController();
  private running = false;

  constructor(private readonly options: UploadOptions) {}

  get sentBytes(): number {
    return this.offset;
  }

  /** Begin, or go on after `pause()`. Safe to call twice. */
  async start(): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.abort = new AbortController();
    try {
      await this.sendAll(this.abort.signal);
    } catch (error) {
      if (error instanceof UploadRefused) this.tell("refused", this.offset, error);
      else if (!this.abort.signal.aborted) throw error;
    } finally {
      this.running = false;
    }
  }

  /** Stop sending; what the server has stays there. */
  pause(): void {
    this.abort.abort();
    this.tell("paused", this.offset);
  }

  /** Stop, and let the server forget what it has. */
  async cancel(): Promise<void> {
    this.abort.abort();
    this.tell("cancelled", 0);
    if (this.address) await this.options.transport({ method: "DELETE", url: this.address, headers: HEADERS }, () => {}, new AbortController().signal).catch(() => {});
  }

  private async sendAll(signal: AbortSignal): Promise<void> {
    this.tell("sending", this.offset);
    if (!this.address) await this.create(signal);
    const { size } = this.options.file;
    while (!signal.aborted) {
      const isLast = this.offset + this.pieceBytes >= size;
      await this.sendPiece(signal, isLast);
      if (this.offset >= size && isLast) return this.tell("done", size);
    }
  }

  private async create(signal: AbortSignal): Promise<void> {
    const { file, episodeId, uploadsUrl } = this.options;
    const metadata = { episode: episodeId, filename: file.name, fingerprint: fingerprintOf(file) };
    const answer = await this.ask(signal, () => ({
      method: "POST",
      url: uploadsUrl,
      headers: { ...HEADERS, "Upload-Length": String(file.size), "Upload-Metadata": Object.entries(metadata).map(([name, value]) => `${name} ${toBase64(value)}`).join(",") },
    }));
    this.address = answer.header("Location") ?? "";
    this.offset = Number(answer.header("Upload-Offset") ?? 0);
  }

  private async sendPiece(signal: AbortSignal, isLast: boolean): Promise<void> {
    const answer = await this.ask(signal, () => {
      const body = this.options.file.slice(this.offset, this.offset + this.pieceBytes);
      return { method: "PATCH", url: this.address, headers: { ...HEADERS, "Content-Type": PIECE_TYPE, "Upload-Offset": String(this.offset) }, body };
    }, isLast);
    this.offset = Number(answer.header("Upload-Offset") ?? this.offset);
    this.tell("sending", this.offset);
  }

  /** Ask until there is an answer: a broken line is waited out, a wrong offset put right. */
  private async ask(signal: AbortSignal, make: () => TusRequest, isLast = false): Promise<TusAnswer> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const request = make();
      const total = request.body?.size ?? 0;
      const heard = (bytes: number): void => this.tell(isLast && bytes >= total && total > 0 ? "checking" : "sending", this.offset + Math.min(bytes, total));
      const answer = await this.options.transport(request, heard, signal).catch(() => null);
      signal.throwIfAborted();
      if (answer && answer.status < 300) return answer;
      if (answer && REFUSALS.has(answer.status)) throw new UploadRefused(answer.error?.code ?? `http_${answer.status}`, answer.error?.message ?? "");
      const right = answer?.status === 409 ? answer.header("Upload-Offset") : null;
      if (right !== null) this.offset = Number(right);
      else await this.wait(tries, signal);
      if (request.method === "PATCH" && right === null) await this.askOffset(signal);
    }
    throw new UploadRefused("no_answer", "");
  }

  /** After a break: where does the server stand? An answer that does not come leaves the offset as it is. */
  private async askOffset(signal: AbortSignal): Promise<void> {
    const answer = await this.options.transport({ method: "HEAD", url: this.address, headers: HEADERS }, () => {}, signal).catch(() => null);
    const right = answer && answer.status < 300 ? answer.header("Upload-Offset") : null;
    if (right !== null) this.offset = Number(right);
  }

  private async wait(tries: number, signal: AbortSignal): Promise<void> {
    this.tell("waiting", this.offset);
    const ms = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
    await (this.options.sleep ?? sleepOrOnline)(ms * (0.5 + Math.random() / 2), signal);
    signal.throwIfAborted();
  }

  private get pieceBytes(): number {
    return this.options.pieceBytes ?? PIECE_BYTES;
  }

  private tell(phase: Phase, sentBytes: number, refusal: UploadRefused | null = null): void {
    this.options.onChange(phase, sentBytes, refusal);
  }
}

const HEADERS = { "Tus-Resumable": "1.0.0" };
const PIECE_TYPE = "application/offset+octet-stream";

/** UTF-8, then base64: file names are not Latin. */
export function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Sleep, but wake when the line is back or the upload is paused. */
function sleepOrOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done, { once: true });
    signal.addEventListener("abort", done, { once: true });
  });
}
