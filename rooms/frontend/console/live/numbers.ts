/** The line's numbers, which the server tells this console every second; and what the host's own page tells the server. */
import { signal } from "@preact/signals";
import type { Desk as DeskMessage, SendingMessage } from "@realtime/messages.gen";
import type { LineFigures } from "@realtime/rtc/figures";
import type { RoomSocket } from "@realtime/socket";
import type { Desk } from "../desk";
import type { Console } from "../model";
import type { LiveState } from "../state";
import type { Role } from "./host";

const LIMITS: Readonly<Record<string, SendingMessage["figures"]["limited_by"]>> = { none: "none", cpu: "cpu", bandwidth: "bandwidth" };
const MOST_MS = 120_000;

export class Numbers {
  /** Null before the first one. */
  readonly desk = signal<DeskMessage | null>(null);

  constructor(private readonly model: Console, private readonly buttons: () => Desk) {}

  /** Ask on every socket that the page opens: a new connection begins without. */
  attach(socket: RoomSocket): void {
    socket.on("desk", (message: DeskMessage) => this.take(message));
    socket.onStatus((status) => {
      if (status === "open") socket.send({ k: "desk.watch" }).catch(() => undefined); // what cannot be asked now is asked at the next opening
    });
  }

  /** One second of the host's own line. */
  tell(socket: RoomSocket, line: Role, figures: LineFigures): void {
    const message: SendingMessage = {
      k: "live.sending",
      line,
      figures: {
        captured_per_s: Math.min(240, figures.capturedPerS),
        encoded_per_s: Math.min(240, figures.framesPerS),
        encode_ms: Math.min(MOST_MS, figures.encodeMs),
        send_ms: Math.min(MOST_MS, figures.sendMs),
        kbits_per_s: Math.min(100_000, Math.round(figures.bitsPerS / 1000)),
        lost_permille: Math.min(1000, Math.round(figures.lostShare * 1000)),
        width: figures.width,
        height: figures.height,
        limited_by: LIMITS[figures.limitedBy] ?? "other",
        round_trip_ms: figures.roundTripMs,
      },
    };
    socket.send(message).catch(() => undefined); // the next second has its own
  }

  /** What may be done is asked for when it may have changed. */
  private take(message: DeskMessage): void {
    const { state } = this.model;
    const live = message.live as LiveState;
    const isOther = live.is_heard !== state.value.live.is_heard || live.is_offered !== state.value.live.is_offered;
    this.desk.value = message;
    state.value = { ...state.value, live, allows_filters: message.allows_filters };
    if (isOther) void this.buttons().refresh();
  }
}
