/**
 * One line that is watched: a connection that only receives, held up as long as it is wanted.
 *
 * A second without a packet, or a connection that failed, begins the next one; the old picture stands until the new stream is
 * given out. Two attempts in a row that bring nothing, or the word that all places are taken, end in `failed`, and `retry`
 * begins anew.
 */
import { readConnection, type LineFigures, type Reading } from "./figures";
import { agree, codeOf, pauseBefore, preferH264, type Signalling } from "./signalling";

export type WatchState = "off" | "connecting" | "heard" | "silent" | "failed";

const LOOK_EVERY_MS = 250;
const SILENCE_MS = 1_000;
/** From the offer to the first packet of a picture. */
const CONNECT_MS = 6_000;
const FIGURES_EVERY_MS = 1_000;
/** Refusals that another attempt would only hear again: there is no place, or the viewer has none. */
export const FULL: ReadonlySet<string> = new Set(["viewers_full", "node_full"]);
export const MOST_ATTEMPTS = 2;

export interface WatchEvents {
  state(state: WatchState): void;
  /** Sound and pictures of a connection whose packets arrive. */
  stream(stream: MediaStream): void;
  figures?(figures: LineFigures): void;
  /** Packets arrive on a new connection: whoever wants further lines may negotiate for them on it. */
  connected?(connection: RTCPeerConnection, session: string): void;
}

export class WatchingLine {
  state: WatchState = "off";
  /** Code of the last refusal, for support. */
  lastRefusal = "";

  private connection: RTCPeerConnection | null = null;
  private session = "";
  private attempts = 0;
  private run = 0;
  private pictures = 0;
  private heardAt = 0;
  private begunAt = 0;
  private reading: Reading | null = null;
  private figuresAt = 0;
  private looking: ReturnType<typeof setInterval> | undefined;
  private pausing: ReturnType<typeof setTimeout> | undefined;
  private leaving: RTCPeerConnection | null = null;

  constructor(private readonly signalling: Signalling, private readonly events: WatchEvents, private readonly random: () => number = Math.random) {}

  /** Hold the line from now on; after a failure all attempts are open again. */
  open(): void {
    if (this.state === "off" || this.state === "failed") this.retry();
  }

  /** Begin anew, now. */
  retry(): void {
    if (this.state === "heard" || this.state === "connecting") return;
    this.attempts = 0;
    this.lastRefusal = "";
    clearTimeout(this.pausing);
    this.set("connecting");
    void this.begin();
  }

  close(): void {
    this.run++;
    clearTimeout(this.pausing);
    clearInterval(this.looking);
    if (this.session) this.signalling.leave(this.session);
    this.drop();
    this.dropOld();
    this.set("off");
  }

  private async begin(): Promise<void> {
    const run = ++this.run;
    clearInterval(this.looking);
    try {
      await this.signalling.ready();
      const iceServers = await this.signalling.iceServers();
      if (run !== this.run) return;
      this.attempts++;
      this.dropOld();
      [this.leaving, this.connection] = [this.connection, null];
      const connection = (this.connection = this.make(iceServers));
      this.begunAt = performance.now();
      this.looking = setInterval(() => void this.look(run, connection), LOOK_EVERY_MS);
      this.session = await agree(connection, this.signalling);
    } catch (error) {
      if (run !== this.run) return;
      this.lastRefusal = codeOf(error);
      if (FULL.has(this.lastRefusal)) this.attempts = MOST_ATTEMPTS;
      this.again();
    }
  }

  private make(iceServers: RTCIceServer[]): RTCPeerConnection {
    const connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    preferH264(connection.addTransceiver("video", { direction: "recvonly" }));
    connection.addTransceiver("audio", { direction: "recvonly" });
    this.pictures = 0;
    this.heardAt = 0;
    this.reading = null;
    return connection;
  }

  /** Whether packets still come. */
  private async look(run: number, connection: RTCPeerConnection): Promise<void> {
    const reading = await readConnection(connection, "inbound", this.reading);
    if (run !== this.run) return;
    const now = performance.now();
    if (reading.pictures > this.pictures) this.hear(connection, now);
    this.pictures = reading.pictures;
    if (this.reading === null || now - this.figuresAt >= FIGURES_EVERY_MS) {
      if (this.reading !== null) this.events.figures?.(reading.figures);
      this.figuresAt = now;
      this.reading = reading;
    }
    const isGone = connection.connectionState === "failed" || connection.connectionState === "closed";
    const silentMs = this.heardAt ? now - this.heardAt : 0;
    const isLate = !this.heardAt && now - this.begunAt > CONNECT_MS;
    if (silentMs > SILENCE_MS && this.state === "heard") this.set("silent");
    if (isGone || isLate || silentMs > SILENCE_MS) this.again();
  }

  private hear(connection: RTCPeerConnection, now: number): void {
    const isFirst = this.heardAt === 0;
    this.heardAt = now;
    this.attempts = 0;
    if (!isFirst) return;
    this.set("heard");
    const carried = connection.getTransceivers().filter((transceiver) => transceiver.mid !== null);
    this.events.stream(new MediaStream(carried.map((transceiver) => transceiver.receiver.track)));
    this.events.connected?.(connection, this.session);
  }

  private again(): void {
    const run = ++this.run;
    clearInterval(this.looking);
    if (this.attempts >= MOST_ATTEMPTS) {
      this.drop();
      this.set("failed");
      return;
    }
    if (this.state !== "silent") this.set("connecting");
    this.pausing = setTimeout(() => run === this.run && void this.begin(), pauseBefore(this.attempts + 1, this.random));
  }

  /** The one before: its last picture may still be looked at, until the next one is there. */
  dropOld(): void {
    this.leaving?.close();
    this.leaving = null;
  }

  private drop(): void {
    this.connection?.close();
    this.connection = null;
    this.session = "";
  }

  private set(state: WatchState): void {
    if (this.state === state) return;
    this.state = state;
    this.events.state(state);
  }
}
