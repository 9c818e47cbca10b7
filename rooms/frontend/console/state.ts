/** What the server writes into the console: the room page's state and what only the host sees. */
import type { Alarm, StartDrillMessage } from "@realtime/messages.gen";
import type { RoomPage } from "../show/page";

export type Button = "start" | "end" | "undo" | "next" | "previous" | "slate" | "back" | "return";
/** What may be done now; `go_live` and `go_live_at_end` need a line that is heard. */
export type Moves = Record<Button | "go_live" | "go_live_at_end", boolean>;

export interface Slot {
  episode_id: string;
  number: number;
  title: string;
  duration_ms: number;
  is_ready: boolean;
}

export interface MutedViewer {
  viewer_id: string;
  nickname: string;
  until: string | null;
  by: string;
}

/** Answer of every button: `ConsoleOut` in rooms/director/serializers.py. */
export interface ConsoleState {
  state: string;
  revision: number;
  slow_mode_s: number;
  undo: { move: string; until: string } | null;
  server_ms: number;
  aired_since: string | null;
  episodes: Slot[];
  /** Which buttons would work now. */
  moves: Moves;
  /** Code of what keeps a start from working; empty when nothing does. */
  problem: string;
  viewers: number;
  likes_total: number;
  mutes: MutedViewer[];
  live: LiveState;
  allows_filters: boolean;
  drill: DrillState | null;
  stage: StageState;
  /** Null in a room for shoppers. */
  rehearsal: RehearsalState | null;
}

/** `RehearsalOut` in rooms/rehearsal/serializers.py. */
export interface RehearsalState {
  shows: PastShow[];
  run: GhostRun | null;
  speeds: number[];
  most_ghosts: number;
}

export interface PastShow {
  id: string;
  title: string;
  started_at: string;
  length_ms: number;
  lines: number;
}

/** The crowd of a past show that plays now; it ends by itself at `stops_at`. */
export interface GhostRun {
  id: string;
  title: string;
  speed: number;
  ghosts: number;
  length_ms: number;
  stops_at: string;
}

/** `StageOut` in rooms/live/stage/serializers.py: who asks to come on stage, and who is backstage or on it. */
export interface StageState {
  /** Somebody could be let on now. */
  is_open: boolean;
  most: number;
  requests: StageGuest[];
  guests: StageGuest[];
}

export interface StageGuest {
  id: string;
  viewer_id: string;
  nickname: string;
  standing: "asked" | "backstage" | "on_stage";
  place: number | null;
  has_picture: boolean;
  is_muted: boolean;
  is_gone: boolean;
  asked_at: string;
}

/** A sender as its node reports it: `LineOut` in rooms/live/serializers.py. */
export interface LineState {
  line: string;
  role: string;
  name: string;
  is_on_air: boolean;
  is_connected: boolean;
  heard_ms: number | null;
  steady_ms: number;
  round_trip_ms: number | null;
  width: number;
  height: number;
  troubles: Record<string, number>;
  media: { kind: "video" | "audio"; codec: string; bitrate_kbps: number; frames_per_s: number; lost_permille: number; jitter_ms: number }[];
}

export interface LiveState {
  /** The host's line could go on air now. */
  is_heard: boolean;
  /** It fell silent on air, and has been heard again. */
  is_offered: boolean;
  announced_at_ms: number | null;
  node: string;
  lines: LineState[];
  viewers: Record<string, number>;
  viewers_worst_loss_permille: number;
  viewers_round_trip_ms: number | null;
  alarms: Alarm[];
  /** Empty while nothing is recorded, "on", or the code of what went wrong. */
  recording: string;
}

/** The last drill of the room: `DrillOut` in rooms/live/serializers.py. */
export interface DrillState {
  id: string;
  kind: DrillKind;
  state: "running" | "passed" | "failed" | "broken";
  verdict: string;
  steps: { code: string; at_ms: number }[];
  gap_ms: number | null;
  fault_ms: number | null;
  back_ms: number | null;
  viewers: number;
  viewers_frozen_ms: number | null;
}

export type DrillKind = StartDrillMessage["failure"];

/** A stream key for OBS or FFmpeg. */
export interface Grant {
  line: string;
  url: string;
  token: string;
  begins_until_ms: number;
}

export interface ConsolePage extends RoomPage {
  console: ConsoleState;
  /** May change what is on air; a moderator may not. */
  can_air: boolean;
  console_url: string;
  office_url: string;
  /** The office's page about this room's line. */
  line_url: string;
}
