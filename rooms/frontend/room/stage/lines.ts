/** Guests' lines beside the host's, on the same connection: asked for when somebody comes on stage, left when they go. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { LineBundle, type BundleAnswer } from "@realtime/rtc/bundle";
import type { RoomSocket } from "@realtime/socket";
import type { Room } from "../model";

const HOST = "host";
const LEVEL_EVERY_MS = 200;
/** A crowd does not negotiate in one moment: a few milliseconds for each viewer, and never long. */
const SPREAD_MS_A_VIEWER = 15;
const MOST_SPREAD_MS = 3_000;

export class GuestLines {
  /** By guest. */
  readonly streams = signal<Readonly<Record<string, MediaStream>>>({});
  /** How loud each guest is, 0 to 1. */
  readonly levels = signal<Readonly<Record<string, number>>>({});
  /** The host is watched by a connection that can carry guests. */
  readonly isAttached = signal(false);

  private bundle: LineBundle | null = null;
  private spreading: ReturnType<typeof setTimeout> | undefined;
  private measuring: ReturnType<typeof setInterval> | undefined;

  /** `socket` is asked for each time: another name brings another one. */
  constructor(
    private readonly room: Room,
    private readonly socket: () => RoomSocket,
  ) {
    const wanted = computed(() => this.listWanted().join());
    effect(() => {
      void wanted.value;
      untracked(() => this.wantSoon());
    });
  }

  /** The host's line is there: guests come onto its connection. */
  attach(connection: RTCPeerConnection, session: string): void {
    this.detach();
    this.bundle = new LineBundle(
      connection,
      { line: HOST, session },
      (sdp, lines, held) => this.socket().send<BundleAnswer & { k: string }>({ k: "stage.watch", sdp, lines, session: held } as { k: string }),
      (line, stream) => this.keep(line, stream),
    );
    this.isAttached.value = true;
    this.bundle.want(this.listWanted());
    this.measuring = setInterval(() => void this.measure(), LEVEL_EVERY_MS);
  }

  detach(): void {
    clearTimeout(this.spreading);
    clearInterval(this.measuring);
    this.bundle?.stop();
    this.bundle = null;
    this.isAttached.value = false;
    this.levels.value = {};
  }

  /** Whoever is gone for a moment keeps the line: a reloaded page goes on with it. Nobody watches themselves. */
  private listWanted(): string[] {
    const { guests, own_stage } = this.room.show.value;
    const others = guests.filter((guest) => guest.id !== own_stage?.guest_id);
    return others.filter((guest) => !guest.is_gone || this.bundle?.has(guest.id)).map((guest) => guest.id);
  }

  private wantSoon(): void {
    clearTimeout(this.spreading);
    const spreadMs = Math.min(MOST_SPREAD_MS, this.room.online.value * SPREAD_MS_A_VIEWER);
    this.spreading = setTimeout(() => this.bundle?.want(this.listWanted()), Math.random() * spreadMs);
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
