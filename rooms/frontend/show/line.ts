/** The room's road to the media plane: offers and answers over its socket, servers from its REST address. */
import { callApi } from "@merchants/design/api";
import type { Answer } from "@realtime/messages.gen";
import type { FilmAddress } from "@realtime/rtc/film";
import type { Signalling } from "@realtime/rtc/signalling";
import type { RoomSocket } from "@realtime/socket";

const LOOK_EVERY_MS = 150;
/** Servers are asked for anew this long before their credentials run out. */
const EARLY_MS = 60_000;

export type Asked = { k: "live.watch" } | { k: "live.publish"; line: "primary" | "backup" } | { k: "stage.publish" };

/** `socket` is asked for each time: another name brings another one. `now` is server time in ms. */
export class RoomSignalling implements Signalling {
  private servers: RTCIceServer[] | null = null;
  private expiresAtMs = 0;

  constructor(
    private readonly socket: () => RoomSocket,
    private readonly iceUrl: string,
    private readonly asked: Asked,
    private readonly now: () => number,
  ) {}

  /** What the socket opened ends with it, so nothing is begun before it is there. */
  async ready(): Promise<void> {
    while (this.socket().status !== "open") await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }

  async iceServers(): Promise<RTCIceServer[]> {
    if (this.servers === null || this.now() > this.expiresAtMs - EARLY_MS) {
      const answer = await callApi<{ ice_servers: RTCIceServer[]; expires_at_ms: number }>(this.iceUrl);
      this.servers = answer.ice_servers;
      this.expiresAtMs = answer.expires_at_ms;
    }
    return this.servers;
  }

  offer(sdp: string): Promise<Answer> {
    const message: { k: string } = Object.assign({ sdp }, this.asked);
    return this.socket().send<Answer>(message);
  }

  invite(): Promise<Answer> {
    return this.socket().send<Answer>({ k: "live.watch" });
  }

  accept(session: string, sdp: string): Promise<unknown> {
    return this.socket().send<"live.accept">({ k: "live.accept", session, sdp });
  }

  leave(session: string): void {
    this.socket().send({ k: "live.leave", session }).catch(() => undefined); // it may be over already
  }
}

/** Asks where this viewer's film of the room is; each answer is good for two minutes. */
export function filmFinder(url: string): () => Promise<FilmAddress> {
  return () => callApi<FilmAddress>(url, { method: "POST" });
}
