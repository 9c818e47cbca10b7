/** Where the viewer is, kept on the server for every device, and here for when the server does not answer. */
import { callApi } from "@merchants/design/api";

export interface Place {
  episode_id: string;
  position_ms: number;
}

interface KeptPlace extends Place {
  at_ms: number;
}

const SAVE_EVERY_MS = 5_000;

export class PlaceKeeper {
  private savedAt = 0;
  private last = "";

  constructor(private readonly seasonId: string, private readonly url: string, private readonly storage: Pick<Storage, "getItem" | "setItem"> | null) {}

  /** The place noted here after the server last heard of one; null when the server knows better. */
  newerThan(serverMs: number): Place | null {
    try {
      const kept = JSON.parse(this.storage?.getItem(this.key) ?? "null") as KeptPlace | null;
      return kept && kept.at_ms > serverMs + SAVE_EVERY_MS ? { episode_id: kept.episode_id, position_ms: kept.position_ms } : null;
    } catch {
      return null;
    }
  }

  /** Called often; saves every five seconds, or at once when `isLast`. */
  note(place: Place, isLast = false): void {
    const now = Date.now();
    const text = `${place.episode_id} ${Math.round(place.position_ms)}`;
    if (text === this.last || (!isLast && now - this.savedAt < SAVE_EVERY_MS)) return;
    this.savedAt = now;
    this.last = text;
    const rounded = { episode_id: place.episode_id, position_ms: Math.max(0, Math.round(place.position_ms)) };
    try {
      this.storage?.setItem(this.key, JSON.stringify({ ...rounded, at_ms: now } satisfies KeptPlace));
    } catch {
      // private browsing without room: the server still has it
    }
    callApi(this.url, { method: "PUT", body: rounded }).catch(() => undefined); // kept here; the next one tells the server
  }

  private get key(): string {
    return `place:${this.seasonId}`;
  }
}
