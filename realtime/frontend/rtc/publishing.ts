/**
 * One line that is sent: H264 and Opus, whatever the source. Another source takes its place without a word to the other side.
 *
 * It is held up until `stop`: who is on air wants to be back. Only a line that is lost again and again within seconds is given
 * up, because then somebody else sends on it.
 */
import { readConnection, type LineFigures, type Reading } from "./figures";
import { agree, codeOf, pauseBefore, preferH264, type Signalling } from "./signalling";

export type PublishState = "off" | "connecting" | "sending" | "reconnecting" | "failed";

export const MOST_BITS_PER_S = 2_500_000;
export const MOST_FRAMES_PER_S = 30;
const LOOK_EVERY_MS = 1_000;
const CONNECT_MS = 8_000;
/** A connection that the network interrupts often finds back by itself within this time. */
const INTERRUPTED_MS = 2_000;
const STEADY_MS = 10_000;
const MOST_ATTEMPTS = 6;

export interface PublishEvents {
  /** `code`: of what refused it, when it is `failed`. */
  state(state: PublishState, code: string): void;
  figures(figures: LineFigures): void;
}

export class PublishingLine {
  state: PublishState = "off";

  private connection: RTCPeerConnection | null = null;
  private session = "";
  private stream: MediaStream | null = null;
  private attempts = 0;
  private run = 0;
  private goodSince = 0;
  private badSince = 0;
  private reading: Reading | null = null;
  private looking: ReturnType<typeof setInterval> | undefined;
  private pausing: ReturnType<typeof setTimeout> | undefined;

  /** Without a picture in it, a stream is sent as a voice alone. */
  constructor(private readonly signalling: Signalling, private readonly events: PublishEvents, private readonly mostBitsPerS = MOST_BITS_PER_S) {}

  /** Begin to send. Resolves when it is agreed on, or refused. */
  async start(stream: MediaStream): Promise<void> {
    this.stop();
    this.stream = stream;
    this.attempts = 0;
    this.set("connecting");
    await this.begin();
  }

  /** Send another source from now on. */
  async replace(stream: MediaStream): Promise<void> {
    this.stream = stream;
    for (const transceiver of this.connection?.getTransceivers() ?? []) {
      const kind = transceiver.receiver.track.kind;
      await transceiver.sender.replaceTrack(stream.getTracks().find((track) => track.kind === kind) ?? null);
    }
  }

  stop(): void {
    this.run++;
    clearInterval(this.looking);
    clearTimeout(this.pausing);
    if (this.session) this.signalling.leave(this.session);
    this.drop();
    this.stream = null;
    this.set("off");
  }

  private async begin(): Promise<void> {
    const run = ++this.run;
    clearInterval(this.looking);
    this.drop();
    try {
      await this.signalling.ready();
      const iceServers = await this.signalling.iceServers();
      if (run !== this.run || !this.stream) return;
      this.attempts++;
      const connection = (this.connection = this.make(iceServers, this.stream));
      this.badSince = performance.now();
      this.goodSince = 0;
      this.looking = setInterval(() => void this.look(run, connection), LOOK_EVERY_MS);
      connection.addEventListener("connectionstatechange", () => void this.look(run, connection));
      this.session = await agree(connection, this.signalling);
    } catch (error) {
      if (run === this.run) this.again(codeOf(error));
    }
  }

  private make(iceServers: RTCIceServer[], stream: MediaStream): RTCPeerConnection {
    const connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    const [picture] = stream.getVideoTracks();
    if (picture) {
      const sendEncodings = [{ maxBitrate: this.mostBitsPerS, maxFramerate: MOST_FRAMES_PER_S }];
      preferH264(connection.addTransceiver(picture, { direction: "sendonly", streams: [stream], sendEncodings }));
    }
    connection.addTransceiver(stream.getAudioTracks()[0] ?? "audio", { direction: "sendonly", streams: [stream] });
    this.reading = null;
    return connection;
  }

  private async look(run: number, connection: RTCPeerConnection): Promise<void> {
    const reading = await readConnection(connection, "outbound", this.reading);
    if (run !== this.run) return;
    const now = performance.now();
    if (this.reading === null || now - this.reading.atMs > LOOK_EVERY_MS / 2) {
      if (this.reading !== null) this.events.figures(reading.figures);
      this.reading = reading;
    }
    if (connection.connectionState === "connected") this.hold(now);
    else this.miss(connection, now);
  }

  private hold(now: number): void {
    this.goodSince ||= now;
    this.badSince = 0;
    if (now - this.goodSince > STEADY_MS) this.attempts = 0;
    this.set("sending");
  }

  private miss(connection: RTCPeerConnection, now: number): void {
    this.badSince ||= now;
    const isGone = connection.connectionState === "failed" || connection.connectionState === "closed";
    const patienceMs = this.goodSince ? INTERRUPTED_MS : CONNECT_MS;
    if (isGone || now - this.badSince > patienceMs) this.again("connection_lost");
    else if (this.goodSince) this.set("reconnecting");
  }

  private again(code: string): void {
    const run = ++this.run;
    clearInterval(this.looking);
    this.drop();
    if (this.attempts >= MOST_ATTEMPTS || FINAL.has(code)) return this.set("failed", code);
    this.set(this.goodSince || this.state === "reconnecting" ? "reconnecting" : "connecting");
    this.pausing = setTimeout(() => run === this.run && void this.begin(), pauseBefore(this.attempts + 1));
  }

  private drop(): void {
    this.connection?.close();
    this.connection = null;
    this.session = "";
  }

  private set(state: PublishState, code = ""): void {
    if (this.state === state) return;
    this.state = state;
    this.events.state(state, code);
  }
}

/** Refusals that another attempt would only meet again. */
const FINAL = new Set(["forbidden", "permission_denied", "role_forbidden", "sending_forbidden", "codec_unsupported", "sdp_invalid", "room_full", "not_invited"]);
