// Written by `manage.py generate_types` from the message structs. Do not edit.

export interface Ack {
  k: "ack";
  ref: string;
}

export interface Refusal {
  k: "error";
  code: string;
  message: string;
  params?: Record<string, unknown>;
  ref?: string;
}

export interface Pong {
  k: "pong";
  t: number;
  server_ms: number;
}

export interface Ready {
  k: "ready";
  resumed: boolean;
  server_ms: number;
}

export interface Reset {
  k: "reset";
  s: number;
  epoch: string;
  on?: "me" | "office" | "room";
}

export interface Presence {
  k: "presence";
  online: number;
}

export interface Snapshot {
  k: "snapshot";
  s: number;
  epoch: string;
  on?: "me" | "office" | "room";
  server_ms: number;
  room_id: string;
  slug: string;
  title: string;
  host_name: string;
  host_avatar_url: string;
  season_id: string | null;
  scheduled_at_ms: number | null;
  is_looping: boolean;
  revision: number;
  state: "drama" | "ended" | "fault" | "live" | "replay" | "scheduled" | "waiting";
  state_at_ms: number;
  airing_id: string | null;
  undo: Undo | null;
  entries: Array<Entry>;
  cards: Array<RaisedCardView>;
  lowered_cues: Array<string>;
  bag_revision: number;
  bag: Array<string>;
  pinned_product_id: string | null;
  products: Array<ProductView>;
  comments: Array<CommentView>;
  pin_revision: number;
  pin: CommentView | null;
  slow_mode_s: number;
  rules_revision: number;
  muted_until_ms: number;
  likes_total: number;
  guests_revision: number;
  guests: Array<GuestView>;
  guests_waiting: number;
  own_stage_revision: number;
  own_stage: OwnStage | null;
}

export interface Program {
  k: "program";
  s: number;
  on?: "me";
  entry: Entry;
}

export interface State {
  k: "state";
  s: number;
  on?: "me";
  revision: number;
  state: "drama" | "ended" | "fault" | "live" | "replay" | "scheduled" | "waiting";
  at_ms: number;
  airing_id: string | null;
  undo: Undo | null;
}

export interface Card {
  k: "card";
  s: number;
  on?: "me";
  card: RaisedCardView;
  product: ProductView;
}

export interface CardLower {
  k: "card.lower";
  s: number;
  on?: "me";
  card_id: string | null;
  cue_id: string | null;
  program_seq: number;
}

export interface Product {
  k: "product";
  s: number;
  on?: "me";
  product: ProductView;
}

export interface Bag {
  k: "bag";
  s: number;
  on?: "me";
  revision: number;
  product_ids: Array<string>;
  pinned_id: string | null;
  products: Array<ProductView>;
}

export interface Cue {
  k: "cue";
  s: number;
  on?: "me";
  cue_id: string;
  kind: string;
  payload: Record<string, unknown>;
  duration_ms: number;
  fired_at_ms: number;
  program_seq: number;
  position_ms: number;
}

export interface Danmaku {
  k: "danmaku";
  id: string;
  author: string;
  nickname: string;
  role: string;
  text: string;
  program_seq: number;
  position_ms: number;
}

export interface Likes {
  k: "likes";
  total: number;
}

export interface Comment {
  k: "comment";
  s: number;
  on?: "me";
  comment: CommentView;
}

export interface CommentDeleted {
  k: "comment.deleted";
  s: number;
  on?: "me";
  of: "comment" | "danmaku";
  id: string;
}

export interface Pin {
  k: "pin";
  s: number;
  on?: "me";
  revision: number;
  comment: CommentView | null;
}

export interface Sent {
  k: "sent";
  danmaku?: Danmaku | null;
  comment?: CommentView | null;
}

export interface Answer {
  k: "live.answer";
  sdp: string;
  session: string;
  kind: "answer" | "offer";
}

export interface Desk {
  k: "desk";
  at_ms: number;
  live: LiveView;
  sending: Array<LineSending>;
  audience: Array<TierFigures>;
  allows_filters: boolean;
}

export interface Guests {
  k: "guests";
  s: number;
  on?: "me";
  revision: number;
  guests: Array<GuestView>;
  waiting: number;
}

export interface Standing {
  k: "stage.mine";
  s: number;
  on?: "me";
  room_id: string;
  revision: number;
  own: OwnStage | null;
  ending: string;
}

export interface GhostLine {
  k: "ghost";
  id: string;
  ghost: number;
  text: string;
  position_ms: number;
}

export interface Ghosts {
  k: "ghosts";
  run_id: string;
  at_ms: number;
  of_ms: number;
  counts: GhostCounts;
  is_over: boolean;
}

export interface Mute {
  k: "mute";
  s: number;
  on?: "me";
  author: string;
  until_ms: number;
  revision: number;
}

export interface Rules {
  k: "rules";
  s: number;
  on?: "me";
  slow_mode_s: number;
  revision: number;
}

export interface OrderNews {
  k: "order";
  s: number;
  on?: "me";
  order_id: string;
  order_no: string;
  state: string;
  total_text: string;
  receipt_url: string;
}

export interface EpisodeProgress {
  k: "episode.progress";
  s: number;
  on?: "me";
  episode_id: string;
  percent: number;
  step: string;
  state: string;
  error: string;
}

export interface PingMessage {
  k: "ping";
  t: number;
}

export interface SendDanmakuMessage {
  k: "danmaku";
  text: string;
}

export interface SendCommentMessage {
  k: "comment";
  text: string;
}

export interface SendLikesMessage {
  k: "likes";
  count: number;
}

export interface TakeNameMessage {
  k: "name";
  ticket: string;
}

export interface SendEventsMessage {
  k: "events";
  session: string;
  events: Array<EnterEvent | PlayEvent | HeartbeatEvent | PauseEvent | SeekEvent | QualityEvent | StallEvent | DanmakuEvent | LikeEvent | GiftEvent | CueShownEvent | CueClickedEvent | CueDismissedEvent | BagEvent | ExitEvent>;
}

export interface WatchMessage {
  k: "live.watch";
  sdp?: string;
}

export interface AcceptMessage {
  k: "live.accept";
  session: string;
  sdp: string;
}

export interface PublishMessage {
  k: "live.publish";
  sdp: string;
  line: "backup" | "primary";
}

export interface LeaveMessage {
  k: "live.leave";
  session: string;
}

export interface FiguresMessage {
  k: "live.figures";
  tier: "llhls" | "webrtc";
  over_ms: number;
  width: number;
  height: number;
  frames_per_s: number;
  freezes: number;
  frozen_ms: number;
  stalls: number;
  lost_permille: number;
  decode_ms: number;
  buffered_ms: number;
  round_trip_ms?: number | null;
}

export interface SendingMessage {
  k: "live.sending";
  line: "backup" | "primary";
  figures: SendingFigures;
}

export interface StartDrillMessage {
  k: "desk.drill";
  failure: "line_lost" | "node_moves" | "primary_lost";
}

export interface WatchDeskMessage {
  k: "desk.watch";
}

export interface AskForStageMessage {
  k: "stage.ask";
  has_picture: boolean;
}

export interface LeaveStageMessage {
  k: "stage.withdraw";
}

export interface LookAtStageMessage {
  k: "stage.look";
}

export interface GuestPublishMessage {
  k: "stage.publish";
  sdp: string;
}

export interface WatchLinesMessage {
  k: "stage.watch";
  sdp: string;
  lines: Array<string>;
  session?: string;
}

export interface Undo {
  move: string;
  until_ms: number;
}

export interface Source {
  kind: "episode" | "live" | "slate" | "waiting";
  id: string | null;
  number: number | null;
  of: number | null;
  title: string;
}

export interface Entry {
  seq: number;
  source: Source;
  started_at_ms: number;
  offset_ms: number;
  rate: number;
  duration_ms: number | null;
  airing_id: string;
}

export interface RaisedCardView {
  id: string;
  product_id: string;
  cue_id: string | null;
  raised_at_ms: number;
  expires_at_ms: number;
  program_seq: number;
  position_ms: number;
}

export interface Price {
  amount_minor: number;
  currency: string;
  text: string;
}

export interface ProductVariant {
  id: string;
  title: string;
  price: Price;
  available: number;
  stock_total: number;
  is_limited: boolean;
}

export interface ProductView {
  id: string;
  slug: string;
  title: string;
  subtitle: string;
  image_url: string;
  badge: string;
  is_published: boolean;
  variants: Array<ProductVariant>;
  as_of_ms: number;
}

export interface CommentView {
  id: string;
  kind: "bought" | "comment";
  author: string;
  nickname: string;
  role: string;
  text: string;
  at_ms: number;
  program_seq: number;
  position_ms: number;
}

export interface GuestView {
  id: string;
  nickname: string;
  place: number;
  has_picture: boolean;
  is_muted: boolean;
  is_gone: boolean;
}

export interface OwnStage {
  guest_id: string;
  standing: "asked" | "backstage" | "on_stage";
  has_picture: boolean;
  is_muted: boolean;
}

export interface Media {
  kind: string;
  codec: string;
  bitrate_kbps: number;
  frames_per_s: number;
  lost_permille: number;
  jitter_ms: number;
}

export interface Publisher {
  line: string;
  role: string;
  name: string;
  is_on_air: boolean;
  is_connected: boolean;
  heard_ms: number | null;
  steady_ms: number;
  round_trip_ms: number | null;
  media: Array<Media>;
  width: number;
  height: number;
  troubles: Record<string, number>;
  is_muted: boolean;
}

export interface Alarm {
  kind: "black" | "frozen" | "line_lost" | "no_backup" | "recorder" | "silent";
  role: string;
  for_ms: number;
}

export interface LiveView {
  is_heard: boolean;
  is_offered: boolean;
  announced_at_ms: number | null;
  node: string;
  lines: Array<Publisher>;
  viewers: Record<string, number>;
  viewers_worst_loss_permille: number;
  viewers_round_trip_ms: number | null;
  alarms: Array<Alarm>;
  recording: string;
}

export interface SendingFigures {
  captured_per_s: number;
  encoded_per_s: number;
  encode_ms: number;
  send_ms: number;
  kbits_per_s: number;
  lost_permille: number;
  width: number;
  height: number;
  limited_by: "bandwidth" | "cpu" | "none" | "other";
  round_trip_ms: number | null;
}

export interface LineSending {
  at_ms: number;
  line: string;
  figures: SendingFigures;
}

export interface TierFigures {
  tier: "llhls" | "webrtc";
  viewers: number;
  frames_per_s: number;
  decode_ms: number;
  buffered_ms: number;
  round_trip_ms: number;
  worst_loss_permille: number;
  stalled: number;
  sizes: Record<string, number>;
}

export interface GhostCounts {
  present: number;
  lines: number;
  likes: number;
  taps: number;
  orders: number;
}

export interface EnterEvent {
  k: "enter";
  surface: "replay" | "room";
  source?: string;
  variant?: string;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface PlayEvent {
  k: "play";
  after_ms: number;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface HeartbeatEvent {
  k: "heartbeat";
  watched_ms: number;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface PauseEvent {
  k: "pause";
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface SeekEvent {
  k: "seek";
  from_ms: number;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface QualityEvent {
  k: "quality";
  height: number;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface StallEvent {
  k: "stall";
  stalled_ms: number;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface DanmakuEvent {
  k: "danmaku";
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface LikeEvent {
  k: "like";
  count: number;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface GiftEvent {
  k: "gift";
  coins: number;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface CueShownEvent {
  k: "cue.shown";
  product_id: string;
  cue_id?: string | null;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface CueClickedEvent {
  k: "cue.clicked";
  product_id: string;
  cue_id?: string | null;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface CueDismissedEvent {
  k: "cue.dismissed";
  product_id: string;
  cue_id?: string | null;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface BagEvent {
  k: "bag";
  product_id: string;
  cue_id?: string | null;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface ExitEvent {
  k: "exit";
  watched_ms: number;
  id: string;
  program_seq?: number;
  position_ms?: number;
  episode_id?: string | null;
}

export interface OutgoingByKind {
  "ack": Ack;
  "error": Refusal;
  "pong": Pong;
  "ready": Ready;
  "reset": Reset;
  "presence": Presence;
  "snapshot": Snapshot;
  "program": Program;
  "state": State;
  "card": Card;
  "card.lower": CardLower;
  "product": Product;
  "bag": Bag;
  "cue": Cue;
  "danmaku": Danmaku;
  "likes": Likes;
  "comment": Comment;
  "comment.deleted": CommentDeleted;
  "pin": Pin;
  "sent": Sent;
  "live.answer": Answer;
  "desk": Desk;
  "guests": Guests;
  "stage.mine": Standing;
  "ghost": GhostLine;
  "ghosts": Ghosts;
  "mute": Mute;
  "rules": Rules;
  "order": OrderNews;
  "episode.progress": EpisodeProgress;
}

export interface IncomingByKind {
  "ping": PingMessage;
  "danmaku": SendDanmakuMessage;
  "comment": SendCommentMessage;
  "likes": SendLikesMessage;
  "name": TakeNameMessage;
  "events": SendEventsMessage;
  "live.watch": WatchMessage;
  "live.accept": AcceptMessage;
  "live.publish": PublishMessage;
  "live.leave": LeaveMessage;
  "live.figures": FiguresMessage;
  "live.sending": SendingMessage;
  "desk.drill": StartDrillMessage;
  "desk.watch": WatchDeskMessage;
  "stage.ask": AskForStageMessage;
  "stage.withdraw": LeaveStageMessage;
  "stage.look": LookAtStageMessage;
  "stage.publish": GuestPublishMessage;
  "stage.watch": WatchLinesMessage;
}
