/**
 * Several lines on one connection: each is a pair of m-lines, added, left empty and used again by renegotiation. What runs
 * already goes on meanwhile.
 *
 * A refused negotiation leaves everything as it was and is tried again while the line is wanted: a guest may not be there yet.
 */
import { offerOwn, pauseBefore, preferH264 } from "./signalling";
import { assign, slim } from "./slots";

export interface BundleAnswer {
  sdp: string;
  session: string;
}

/** Offers to receive `lines`, the n-th pair the n-th of them. `session` is empty for a connection that is not known yet. */
export type AskForLines = (sdp: string, lines: string[], session: string) => Promise<BundleAnswer>;

interface Pair {
  video: RTCRtpTransceiver;
  audio: RTCRtpTransceiver;
}

const MOST_PAUSES = 6;

export class LineBundle {
  private slots: string[];
  private wanted: readonly string[] = [];
  private readonly pairs: Pair[];
  private isBusy = false;
  private isOver = false;
  private failures = 0;
  private pausing: ReturnType<typeof setTimeout> | undefined;

  /** `first`: the line that the connection's transceivers carry already, with its session; none for a new connection. */
  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly first: { line: string; session: string } | null,
    private readonly ask: AskForLines,
    /** A line has a stream now, or (null) none any more. */
    private readonly onStream: (line: string, stream: MediaStream | null) => void,
    private readonly random: () => number = Math.random,
  ) {
    this.session = first?.session ?? "";
    this.slots = first ? [first.line] : [];
    this.pairs = first ? [pairOf(connection)] : [];
  }

  session: string;

  /** Receive these lines from now on, besides the first. */
  want(lines: readonly string[]): void {
    this.wanted = lines;
    if (!this.isBusy) this.go();
  }

  has(line: string): boolean {
    return this.slots.includes(line);
  }

  /** Levels of what is heard, 0 to 1 as the browser measures them, by line. */
  async levels(): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    await Promise.all(
      this.slots.map(async (line, index) => {
        if (line && line !== this.first?.line) found[line] = await levelOf(this.pairs[index]?.audio.receiver);
      }),
    );
    return found;
  }

  /** Nothing is negotiated any more; the connection itself is its owner's. */
  stop(): void {
    this.isOver = true;
    clearTimeout(this.pausing);
    for (const line of this.slots) if (line && line !== this.first?.line) this.onStream(line, null);
    this.slots = [];
  }

  private go(): void {
    clearTimeout(this.pausing);
    const next = assign(this.slots, this.first ? [this.first.line, ...this.wanted] : this.wanted);
    if (this.isOver || next.join() === this.slots.join()) return;
    this.isBusy = true;
    void this.negotiate(next).then(
      () => this.settle(0),
      () => this.settle(this.failures + 1),
    );
  }

  private settle(failures: number): void {
    this.isBusy = false;
    this.failures = failures;
    if (this.isOver) return;
    if (failures === 0) this.go(); // somebody came or went meanwhile
    else this.pausing = setTimeout(() => this.go(), pauseBefore(Math.min(failures + 1, MOST_PAUSES), this.random));
  }

  private async negotiate(next: string[]): Promise<void> {
    const { connection } = this;
    this.aim(next);
    try {
      await offerOwn(connection);
      const answer = await this.ask(slim(connection.localDescription?.sdp ?? ""), next, this.session);
      if (this.isOver) return;
      await connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      this.session = answer.session;
    } catch (error) {
      if (connection.signalingState === "have-local-offer") await connection.setLocalDescription({ type: "rollback" });
      this.aim(this.slots);
      throw error;
    }
    this.change(next);
  }

  private aim(slots: readonly string[]): void {
    slots.forEach((line, index) => {
      const pair = (this.pairs[index] ??= addPair(this.connection));
      pair.video.direction = pair.audio.direction = line ? "recvonly" : "inactive";
    });
    for (const pair of this.pairs.slice(slots.length)) pair.video.direction = pair.audio.direction = "inactive";
  }

  private change(next: string[]): void {
    const before = this.slots;
    this.slots = next;
    for (const line of before) if (line && !next.includes(line)) this.onStream(line, null);
    next.forEach((line, index) => {
      const pair = this.pairs[index];
      if (line && pair && !before.includes(line)) this.onStream(line, new MediaStream([pair.video.receiver.track, pair.audio.receiver.track]));
    });
  }
}

function pairOf(connection: RTCPeerConnection): Pair {
  const find = (kind: string) => connection.getTransceivers().find((one) => one.receiver.track.kind === kind);
  const [video, audio] = [find("video"), find("audio")];
  if (!video || !audio) throw new Error("the connection has no line yet");
  return { video, audio };
}

function addPair(connection: RTCPeerConnection): Pair {
  const video = connection.addTransceiver("video", { direction: "recvonly" });
  const audio = connection.addTransceiver("audio", { direction: "recvonly" });
  offerOnly(video, ({ mimeType, sdpFmtpLine = "" }) => /rtx/i.test(mimeType) || (/h264/i.test(mimeType) && PLAIN.every((part) => part.test(sdpFmtpLine))));
  offerOnly(audio, ({ mimeType }) => /opus/i.test(mimeType));
  return { video, audio };
}

/** H264 as every sender makes it. The other kinds would be repeated for every line, and an offer of five has to fit into one message. */
const PLAIN = [/packetization-mode=1/, /profile-level-id=42e0/i];

function offerOnly(transceiver: RTCRtpTransceiver, is: (codec: RTCRtpCodec) => boolean): void {
  const { kind } = transceiver.receiver.track;
  const wanted = RTCRtpReceiver.getCapabilities(kind)?.codecs.filter(is) ?? [];
  if (wanted.some((codec) => !/rtx/i.test(codec.mimeType))) transceiver.setCodecPreferences(wanted);
  else if (kind === "video") preferH264(transceiver);
}

async function levelOf(receiver: RTCRtpReceiver | undefined): Promise<number> {
  let level = 0;
  (await receiver?.getStats())?.forEach((stat: Record<string, unknown>) => {
    if (stat["type"] === "inbound-rtp" && typeof stat["audioLevel"] === "number") level = stat["audioLevel"];
  });
  return level;
}
