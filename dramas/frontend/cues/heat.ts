/** What viewers did at each second, and what it suggests: asked of the shop's insights, which may not be everybody's to see. */
import { callApi, type ApiError } from "@merchants/design/api";
import { signal } from "@preact/signals";

export interface HeatSecond {
  second: number;
  watching: number;
  danmaku: number;
  rewinds: number;
  taps: number;
  left: number;
}

/** Seconds that stand out. `cue_id`: the card that a test would show at `to_ms`; empty where there is none. */
export interface Moment {
  signal: string;
  begin_s: number;
  end_s: number;
  viewers: number;
  cue_id: string;
  to_ms: number | null;
  what: string;
  doubt: string;
}

interface Outlook {
  moments: Moment[];
  heat: HeatSecond[];
  rooms: { id: string; title: string }[];
  may_test: boolean;
}

export type HeatState = { kind: "loading" } | { kind: "hidden" } | { kind: "failed"; message: string } | { kind: "shown"; outlook: Outlook };

export type Draft = { kind: "asking" } | { kind: "made"; url: string } | { kind: "refused"; message: string };

const FORBIDDEN = new Set([401, 403, 404]);

export class Heat {
  readonly state = signal<HeatState>({ kind: "loading" });
  /** By moment: see `keyOf`. */
  readonly drafts = signal<Readonly<Record<string, Draft>>>({});
  readonly roomId = signal("");

  constructor(
    private readonly episodeId: string,
    private readonly offline: string,
  ) {}

  async load(): Promise<void> {
    this.state.value = { kind: "loading" };
    try {
      const outlook = await callApi<Outlook>(`/api/v1/insights/episodes/${this.episodeId}/moments/`, { networkText: this.offline });
      this.roomId.value = outlook.rooms[0]?.id ?? "";
      this.state.value = { kind: "shown", outlook };
    } catch (error) {
      const refusal = error as ApiError;
      this.state.value = FORBIDDEN.has(refusal.status) ? { kind: "hidden" } : { kind: "failed", message: refusal.message || this.offline };
    }
  }

  /** Draft an experiment of a moment; asked twice, the same draft. */
  async draft(moment: Moment): Promise<void> {
    const room = this.roomId.value;
    this.note(moment, { kind: "asking" });
    try {
      const body = { signal: moment.signal, begin_s: moment.begin_s, ...(room && { try_in: room }) };
      const made = await callApi<{ url: string }>(`/api/v1/insights/episodes/${this.episodeId}/tests/`, { body, networkText: this.offline });
      this.note(moment, { kind: "made", url: made.url });
    } catch (error) {
      this.note(moment, { kind: "refused", message: (error as ApiError).message || this.offline });
    }
  }

  private note(moment: Moment, draft: Draft): void {
    this.drafts.value = { ...this.drafts.value, [keyOf(moment)]: draft };
  }
}

export const keyOf = (moment: Moment): string => `${moment.signal}-${moment.begin_s}`;

/** Heights of the lane's bars, 0 to 1: upward what people did, downward who left; on scales of their own. Pure. */
export function barsOf(heat: readonly HeatSecond[]): { second: number; up: number; down: number }[] {
  const acts = heat.map((row) => row.danmaku + row.rewinds + row.taps);
  const mostActs = Math.max(1, ...acts);
  const mostLeft = Math.max(1, ...heat.map((row) => row.left));
  return heat.map((row, place) => ({ second: row.second, up: acts[place]! / mostActs, down: row.left / mostLeft })).filter((bar) => bar.up > 0 || bar.down > 0);
}
