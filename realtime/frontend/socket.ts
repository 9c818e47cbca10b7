/**
 * A room's (or the office's) socket: comes back by itself, goes on where it stopped, and gives every sequenced message to
 * its listeners once and in order.
 */

import { ServerClock, localNow } from "./clock.ts";
import type { IncomingByKind, OutgoingByKind, Pong, Refusal } from "./messages.gen.ts";

export interface Cursor {
  epoch: string;
  seq: number;
}

export type Status = "connecting" | "open" | "waiting" | "refused" | "closed";

export interface SocketOptions {
  /** Absolute, or a path on this host. */
  url: string;
  /** Asks the page's server for a ticket, when the one at hand is not taken any more. Not for the office. */
  refreshTicket?: () => Promise<string>;
  ticket?: string;
  /** Where the page's state stands, so that nothing falls between page and socket. */
  cursor?: Cursor;
  mine?: Cursor;
  language?: string;
  clock?: ServerClock;
  /** Seams for tests. */
  connect?: (url: string) => WebSocket;
  random?: () => number;
}

/** Raised by `send`: a refusal with its translated message, or `offline`, `connection_lost`, `no_answer` without one. */
export class SocketError extends Error {
  constructor(readonly code: string, message = "", readonly params: Record<string, unknown> = {}) {
    super(message);
    this.name = "SocketError";
  }
}

interface Frame {
  k: string;
  s?: number;
  on?: string;
  epoch?: string;
  ref?: string;
}

interface Pending {
  resolve: (answer: Frame) => void;
  reject: (error: SocketError) => void;
  timer: ReturnType<typeof setTimeout>;
}

type Listener = (message: never) => void;
type Kinds = OutgoingByKind;

const ANSWER_MS = 12_000;
const PING_EVERY_MS = 10_000;
const SILENCE_MS = 6_000;
const CLOCK_PINGS = 9;
const CLOCK_PING_GAP_MS = 60;
const FIRST_RETRY_MS = 400;
const LONGEST_RETRY_MS = 15_000;
const CONNECT_MS = 10_000;
const TICKET_REFUSED = 4401;
const FINAL_CODES = new Set([4403, 4404]);

export class RoomSocket {
  readonly clock: ServerClock;
  status: Status = "closed";

  private socket: WebSocket | null = null;
  private ticket: string;
  private room: Cursor | null;
  private mine: Cursor | null;
  private attempts = 0;
  private hintMs = 0;
  private lastRef = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private connectTimer: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setInterval> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly pending = new Map<string, Pending>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly statusListeners = new Set<(status: Status) => void>();
  private readonly random: () => number;

  constructor(private readonly options: SocketOptions) {
    this.clock = options.clock ?? new ServerClock();
    this.ticket = options.ticket ?? "";
    this.room = options.cursor ?? null;
    this.mine = options.mine ?? null;
    this.random = options.random ?? Math.random;
  }

  /** Listen to one kind. Returns the way to stop. */
  on<K extends keyof Kinds>(kind: K, listener: (message: Kinds[K]) => void): () => void;
  on<M extends { k: string }>(kind: M["k"], listener: (message: M) => void): () => void;
  on(kind: string, listener: Listener): () => void {
    const set = this.listeners.get(kind) ?? new Set<Listener>();
    this.listeners.set(kind, set.add(listener));
    return () => void set.delete(listener);
  }

  onStatus(listener: (status: Status) => void): () => void {
    this.statusListeners.add(listener);
    listener(this.status);
    return () => void this.statusListeners.delete(listener);
  }

  open(): void {
    if (this.status !== "closed") return;
    globalThis.addEventListener?.("online", this.wake);
    globalThis.document?.addEventListener("visibilitychange", this.wake);
    this.start();
  }

  close(): void {
    globalThis.removeEventListener?.("online", this.wake);
    globalThis.document?.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.retryTimer);
    this.setStatus("closed");
    this.drop(1000);
  }

  /** Send a message; resolves with the acknowledgement or the handler's answer. Rejects with SocketError. */
  send<K extends keyof IncomingByKind>(message: IncomingByKind[K]): Promise<{ k: string }>;
  send<A extends { k: string }>(message: { k: string }): Promise<A>;
  send(message: object): Promise<{ k: string }> {
    const socket = this.socket;
    if (socket === null || this.status !== "open") return Promise.reject(new SocketError("offline"));
    const ref = String(++this.lastRef);
    return new Promise<Frame>((resolve, reject) => {
      const timer = setTimeout(() => this.settle(ref)?.reject(new SocketError("no_answer")), ANSWER_MS);
      this.pending.set(ref, { resolve, reject, timer });
      socket.send(JSON.stringify({ ...message, ref }));
    });
  }

  /** Come back under this ticket from now on; who is still at the door knocks anew. */
  useTicket(ticket: string): void {
    this.ticket = ticket;
    if (this.status === "connecting" && this.socket) this.lose(this.socket, 0);
  }

  /** Where the room's stream stands: for another socket, or for a test. */
  get cursor(): Cursor | null {
    return this.room && { ...this.room };
  }

  // Connecting -----------------------------------------------------------------------------------

  private start(): void {
    this.setStatus("connecting");
    const socket = (this.options.connect ?? ((url) => new WebSocket(url)))(this.address());
    this.socket = socket;
    this.connectTimer = setTimeout(() => this.lose(socket, 0), CONNECT_MS);
    socket.onmessage = (event: MessageEvent<string>) => this.socket === socket && this.receive(event.data);
    socket.onclose = (event: CloseEvent) => this.lose(socket, event.code);
    socket.onerror = () => undefined; // `close` follows and says more
  }

  private address(): string {
    const page = globalThis.location?.href;
    const url = new URL(this.options.url, page && page.replace(/^http/, "ws"));
    url.protocol = url.protocol.replace(/^http/, "ws");
    const set = (name: string, value: string | number | undefined) => value !== undefined && value !== "" && url.searchParams.set(name, String(value));
    set("ticket", this.ticket);
    set("lang", this.options.language);
    set("since", this.room?.seq);
    set("epoch", this.room?.epoch);
    set("mine", this.mine?.seq);
    set("mine_epoch", this.mine?.epoch);
    return url.href;
  }

  private lose(socket: WebSocket, code: number): void {
    if (this.socket !== socket) return;
    this.drop();
    if (this.status === "closed") return;
    if (FINAL_CODES.has(code)) return this.setStatus("refused");
    this.setStatus("waiting");
    if (code === TICKET_REFUSED && this.options.refreshTicket) void this.renewTicket();
    else this.retryIn(this.pause());
  }

  private async renewTicket(): Promise<void> {
    const isFirst = this.attempts === 0;
    try {
      this.ticket = await this.options.refreshTicket!();
    } catch {
      return this.retryIn(this.pause());
    }
    this.retryIn(isFirst ? 0 : this.pause());
    this.attempts++;
  }

  /** Full jitter, so that a crowd that lost its server together does not return together; the server's hint wins. */
  private pause(): number {
    const hintMs = this.hintMs;
    this.hintMs = 0;
    const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempts++);
    return hintMs > 0 ? hintMs * (1 + this.random() / 4) : 50 + this.random() * ceiling;
  }

  private retryIn(ms: number): void {
    clearTimeout(this.retryTimer);
    if (this.status === "waiting") this.retryTimer = setTimeout(() => this.start(), ms);
  }

  private drop(code?: number): void {
    const socket = this.socket;
    this.socket = null;
    clearTimeout(this.connectTimer);
    clearTimeout(this.silenceTimer);
    clearInterval(this.pingTimer);
    if (socket && socket.readyState < 2) socket.close(code);
    for (const ref of [...this.pending.keys()]) this.settle(ref)?.reject(new SocketError("connection_lost"));
  }

  /** Back online, or back on screen: timers slept, so look at once. */
  private readonly wake = (): void => {
    if (globalThis.document?.visibilityState === "hidden") return;
    if (this.status === "waiting") {
      this.attempts = 0;
      this.retryIn(0);
    } else if (this.status === "open") {
      this.clock.restart();
      this.measureClock();
    }
  };

  // Receiving ------------------------------------------------------------------------------------

  private receive(data: string): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = undefined;
    const frame = JSON.parse(data) as Frame;
    if (frame.k === "tick") {
      for (const message of (frame as unknown as { m: Frame[] }).m) this.emit(message);
    } else if (frame.k === "pong") {
      const pong = frame as unknown as Pong;
      this.clock.sample(pong.t, pong.server_ms, localNow());
    } else if (frame.k === "ready") {
      this.becomeOpen(frame);
    } else if (frame.ref !== undefined && frame.s === undefined) {
      this.answer(frame);
    } else if (frame.k === "error") {
      this.heed(frame as unknown as Refusal);
    } else if (this.isNext(frame)) {
      this.emit(frame);
    }
  }

  private becomeOpen(frame: Frame): void {
    clearTimeout(this.connectTimer);
    this.attempts = 0;
    this.setStatus("open");
    this.measureClock();
    clearInterval(this.pingTimer);
    this.pingTimer = setInterval(() => this.ping(), PING_EVERY_MS);
    this.emit(frame);
  }

  /** Keep the cursor. False for what was already given out, and for a hole, which another connection fills. */
  private isNext(frame: Frame): boolean {
    if (frame.s === undefined) return true;
    const isMine = frame.on === "me";
    if (frame.epoch !== undefined) {
      this.keep(isMine, { epoch: frame.epoch, seq: frame.s });
      return true;
    }
    const cursor = isMine ? this.mine : this.room;
    if (cursor === null || frame.s <= cursor.seq) return false;
    if (frame.s > cursor.seq + 1) {
      if (this.socket) this.lose(this.socket, 0);
      return false;
    }
    this.keep(isMine, { epoch: cursor.epoch, seq: frame.s });
    return true;
  }

  private keep(isMine: boolean, cursor: Cursor): void {
    if (isMine) this.mine = cursor;
    else this.room = cursor;
  }

  private answer(frame: Frame): void {
    const pending = this.settle(frame.ref!);
    if (frame.k === "error") {
      const refusal = frame as unknown as Refusal;
      pending?.reject(new SocketError(refusal.code, refusal.message, refusal.params));
    } else {
      pending?.resolve(frame);
    }
  }

  /** A refusal without `ref` comes before the server closes: it may say when to come back. */
  private heed(refusal: Refusal): void {
    const retryAfterS = Number(refusal.params?.["retry_after_s"]);
    if (retryAfterS > 0) this.hintMs = retryAfterS * 1000;
    this.emit(refusal as unknown as Frame);
  }

  private settle(ref: string): Pending | undefined {
    const pending = this.pending.get(ref);
    this.pending.delete(ref);
    clearTimeout(pending?.timer);
    return pending;
  }

  private emit(message: Frame): void {
    for (const listener of this.listeners.get(message.k) ?? []) {
      try {
        (listener as (message: Frame) => void)(message);
      } catch (error) {
        console.error(error); // one listener's defect must not stop the others, or the cursor
      }
    }
  }

  // Clock and heartbeat ----------------------------------------------------------------------------

  private measureClock(): void {
    for (let i = 0; i < CLOCK_PINGS; i++) setTimeout(() => this.ping(), i * CLOCK_PING_GAP_MS);
  }

  private ping(): void {
    const socket = this.socket;
    if (socket === null || this.status !== "open" || socket.readyState !== 1) return;
    socket.send(JSON.stringify({ k: "ping", t: localNow() }));
    this.silenceTimer ??= setTimeout(() => this.lose(socket, 0), SILENCE_MS);
  }

  private setStatus(status: Status): void {
    if (this.status === status) return;
    this.status = status;
    for (const listener of this.statusListeners) listener(status);
  }
}
