/** How events leave the page: by the socket while it is open, else by HTTP, and at the exit by a request that outlives the page. */
import { csrfToken } from "@merchants/design/api";
import { SocketError, type RoomSocket } from "@realtime/socket";
import { EventLog, type EventBatch, type Outcome } from "./events";
import { Watching, type Playhead, type WatchedStage } from "./watching";

const TIMEOUT_MS = 12_000;
/** Refusals that pass: the server is behind, the pace was too quick, the line broke. */
const PASSING = new Set(["offline", "connection_lost", "no_answer", "events_behind", "too_many_requests", "took_too_long", "unavailable"]);

export interface MeasuredPage {
  /** Where events go; null for a visitor who is not measured. */
  events: string | null;
  /** The server's signed word of the variants that the page was served with; empty without any. */
  variant: string;
}

interface MeasureOptions {
  page: MeasuredPage;
  surface: "room" | "replay";
  now: () => number;
  stage: WatchedStage;
  playhead: () => Playhead | null;
  socket?: () => RoomSocket;
}

/** Begin to measure this visit; null when this visitor is not measured. */
export function startMeasuring({ page, surface, now, stage, playhead, socket }: MeasureOptions): Watching | null {
  const url = page.events;
  if (url === null) return null;
  const log = new EventLog({
    now,
    send: (batch) => (socket?.().status === "open" ? sendBySocket(socket(), batch) : sendByHttp(url, batch)),
    sendAtExit: (batch) => void sendByHttp(url, batch, true),
  });
  const watching = new Watching({ log, surface, source: sourceOf(location.search), variant: page.variant, stage, playhead });
  watching.start();
  return watching;
}

async function sendBySocket(socket: RoomSocket, batch: EventBatch): Promise<Outcome> {
  try {
    await socket.send<{ k: string }>({ k: "events", ...batch });
    return "taken";
  } catch (error) {
    return error instanceof SocketError && PASSING.has(error.code) ? "unheard" : "refused";
  }
}

async function sendByHttp(url: string, batch: EventBatch, isExit = false): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(batch),
      credentials: "same-origin",
      keepalive: isExit,
      ...(isExit ? {} : { signal: AbortSignal.timeout(TIMEOUT_MS) }),
    });
    return response.ok ? "taken" : response.status === 429 || response.status >= 500 ? "unheard" : "refused";
  } catch {
    return "unheard";
  }
}

/** `utm_source`, as far as it is a word that the server takes. */
export function sourceOf(query: string): string {
  return (new URLSearchParams(query).get("utm_source") ?? "").replace(/[^A-Za-z0-9._-]/g, "").slice(0, 40);
}
