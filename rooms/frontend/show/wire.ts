/** The room's messages, as generated from the Python structs, without the stream's own envelope. */
import type { OutgoingByKind, Snapshot as SnapshotMessage } from "@realtime/messages.gen";

export type { CommentView, Danmaku, Entry, GhostCounts, GhostLine, Ghosts, GuestView, Likes, OrderNews, OwnStage, Presence, ProductVariant, ProductView, RaisedCardView, Sent, Undo } from "@realtime/messages.gen";
export type { Cue as CueView } from "@dramas/player/playback";

type Envelope = "s" | "on" | "epoch";
type WithoutEnvelope<Kind> = Kind extends unknown ? Omit<Kind, Envelope> : never;

export type Snapshot = Omit<SnapshotMessage, Envelope>;
export type Message = WithoutEnvelope<OutgoingByKind[keyof OutgoingByKind]>;
export type MessageOf<Kind extends keyof OutgoingByKind> = Omit<OutgoingByKind[Kind], Envelope>;
