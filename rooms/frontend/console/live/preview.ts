/** Guests as the host sees and hears them: a connection of its own, which also carries who is still backstage. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { LineBundle, type BundleAnswer } from "@realtime/rtc/bundle";
import { pauseBefore, type Signalling } from "@realtime/rtc/signalling";
import type { RoomSocket } from "@realtime/socket";
import type { Console } from "../model";

const LEVEL_EVERY_MS = 200;
/** A connection that the network interrupts often finds back by itself within this time. */
const INTERRUPTED_MS = 3_000;

export class GuestPreview {
  readonly streams = signal<Readonly<Record<string, MediaStream>>>({});
  readonly levels = signal<Readonly<Record<string, number>>>({});

  private connection: RTCPeerConnection | null = null;
  private bundle: LineBundle | null = null;
  private isOpening = false;
  private attempts = 0;

  constructor(
    private readonly model: Console,
    private readonly socket: () => RoomSocket,
    private readonly signalling: Pick<Signalling, "ready" | "iceServers" | "leave">,
  ) {
    const wanted = computed(() => this.listWanted().join());
    effect(() => {
      void wanted.value;
      untracked(() => void this.follow());
    });
    setInterval(() => void this.measure(), LEVEL_EVERY_MS);
  }

  private listWanted(): string[] {
    return this.model.state.value.stage.guests.filter((guest) => !guest.is_gone || this.bundle?.has(guest.id)).map((guest) => guest.id);
  }

  private async follow(): Promise<void> {
    const wanted = this.listWanted();
    if (wanted.length === 0 && this.model.state.value.stage.guests.length === 0) return this.close();
    if (!this.bundle && wanted.length > 0) await this.open();
    this.bundle?.want(this.listWanted());
  }

  private async open(): Promise<void> {
    if (this.isOpening) return;
    this.isOpening = true;
    try {
      await this.signalling.ready();
      const connection = new RTCPeerConnection({ iceServers: await this.signalling.iceServers(), bundlePolicy: "max-bundle" });
      this.connection = connection;
      this.bundle = new LineBundle(
        connection,
        null,
        (sdp, lines, session) => this.socket().send<BundleAnswer & { k: string }>({ k: "stage.watch", sdp, lines, session } as { k: string }),
        (line, stream) => this.keep(line, stream),
      );
      connection.addEventListener("connectionstatechange", () => this.look(connection));
    } catch {
      setTimeout(() => void this.follow(), pauseBefore(++this.attempts)); // no servers, no socket: the room's own state says so
    } finally {
      this.isOpening = false;
    }
  }

  private look(connection: RTCPeerConnection): void {
    if (connection !== this.connection) return;
    if (connection.connectionState === "connected") this.attempts = 0;
    else if (connection.connectionState === "failed") this.again();
    else if (connection.connectionState === "disconnected") setTimeout(() => connection.connectionState === "disconnected" && connection === this.connection && this.again(), INTERRUPTED_MS);
  }

  private again(): void {
    this.close();
    setTimeout(() => void this.follow(), pauseBefore(++this.attempts));
  }

  private close(): void {
    if (this.bundle?.session) this.signalling.leave(this.bundle.session);
    this.bundle?.stop();
    this.connection?.close();
    this.bundle = this.connection = null;
    this.levels.value = {};
  }

  private keep(line: string, stream: MediaStream | null): void {
    const { [line]: _, ...others } = this.streams.value;
    this.streams.value = stream ? { ...others, [line]: stream } : others;
  }

  private async measure(): Promise<void> {
    const { bundle } = this;
    if (!bundle || Object.keys(this.streams.value).length === 0) return;
    const levels = await bundle.levels();
    if (this.bundle === bundle) this.levels.value = levels;
  }
}
