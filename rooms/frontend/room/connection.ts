/** The room's socket: brings every message into the model, and sends what the viewer does. */
import { ApiError, callApi } from "@merchants/design/api";
import { RoomSocket, SocketError } from "@realtime/socket";
import { apply } from "../show/show";
import type { CommentView, Danmaku, GhostLine, Ghosts, Likes, Message, MessageOf, OrderNews, Presence, Sent } from "../show/wire";
import type { Room } from "./model";

/** Kinds that change the snapshot, in the order of the stream. */
const LOSSLESS = ["snapshot", "program", "state", "card", "card.lower", "product", "bag", "comment", "comment.deleted", "pin", "mute", "rules", "guests", "stage.mine"] as const;

/** A delay that nobody sees; and so many lines wait for their picture at most, lossy as they are. */
const NOTICED_MS = 300;
const MOST_AWAITED = 200;

/** What the painters do with messages that only pass by. */
export interface Passing {
  danmaku: (message: Danmaku) => void;
  likes: (message: Likes, gained: number) => void;
  comment: (comment: CommentView) => void;
  remove: (id: string) => void;
  removeAuthor: (author: string) => void;
  order: (order: OrderNews) => void;
  standing?: (message: MessageOf<"stage.mine">) => void;
  /** In a rehearsal: a line of a past show, and where its crowd stands. */
  ghost?: (line: GhostLine) => void;
  ghosts?: (message: Ghosts) => void;
}

export class Connection {
  readonly socket: RoomSocket;
  /** Told of each batch of likes that the server took. */
  onLikesTaken: (count: number) => void = () => undefined;
  private readonly awaited = new Map<string, { author: string; timer: ReturnType<typeof setTimeout> }>();

  constructor(
    private readonly room: Room,
    private readonly passing: Passing,
    /** Called with the socket before it opens. */
    attach: (socket: RoomSocket) => void = () => undefined,
  ) {
    const { socket, urls, language } = room.page;
    this.socket = new RoomSocket({
      url: socket.path,
      ticket: socket.ticket,
      language,
      ...(socket.cursor && { cursor: socket.cursor }),
      refreshTicket: async () => (await callApi<{ ticket: string }>(urls.ticket, { method: "POST" })).ticket,
    });
    this.socket.clock.seed(room.page.server_ms);
    this.listen(this.socket);
    attach(this.socket);
  }

  private listen(socket: RoomSocket): void {
    const { room } = this;
    socket.onStatus((status) => {
      if (status === "open") room.connection.value = "open";
      else if (status === "waiting" || status === "refused") room.connection.value = "lost";
    });
    for (const kind of LOSSLESS) socket.on<Message & { k: string }>(kind, (message) => this.receive(message));
    socket.on<Danmaku>("danmaku", (message) => this.onDanmaku(message));
    socket.on<GhostLine>("ghost", (line) => {
      room.addGhost(line, room.t("ghost_number", { number: line.ghost }));
      this.passing.ghost?.(line);
    });
    socket.on<Ghosts>("ghosts", (message) => this.passing.ghosts?.(message));
    socket.on<Likes>("likes", (message) => this.onLikes(message));
    socket.on<Presence>("presence", (message) => {
      room.online.value = message.online;
    });
    socket.on<OrderNews>("order", (message) => this.onOrder(message));
  }

  /** Another name needs another ticket; the socket takes it, and what it watches goes on. */
  async rename(nickname: string): Promise<void> {
    const answer = await callApi<{ nickname: string; ticket: string }>(this.room.page.urls.nickname, { body: { nickname }, networkText: this.room.t("network") });
    this.room.nickname.value = answer.nickname;
    this.socket.useTicket(answer.ticket);
    if (this.socket.status === "open") await this.ask({ k: "name", ticket: answer.ticket });
  }

  open(): void {
    this.socket.open();
  }

  /** Of the last answer; null before the first one. */
  get roundTripMs(): number | null {
    return this.socket.clock.roundTripMs;
  }

  /** Server time in ms. */
  now(): number {
    return this.socket.clock.serverNow();
  }

  /** Send a line; it is on the viewer's own screen as soon as the server took it. Rejects with ApiError. */
  async send(text: string, as: "danmaku" | "comment"): Promise<void> {
    const answer = await this.ask({ k: as, text });
    if (answer.danmaku) this.onDanmaku(answer.danmaku);
    if (answer.comment) this.receive({ k: "comment", comment: answer.comment });
  }

  async sendLikes(count: number): Promise<void> {
    await this.ask({ k: "likes", count });
    this.onLikesTaken(count);
  }

  /** An answer that is news of the stage, as the viewer's own stream tells it too. */
  take(message: MessageOf<"stage.mine">): void {
    this.receive(message);
  }

  private async ask(message: { k: string; [field: string]: unknown }): Promise<Sent> {
    try {
      return await this.socket.send<Sent>(message);
    } catch (error) {
      if (error instanceof SocketError) throw new ApiError(error.code, error.message || this.room.t("offline_not_sent"), 0, error.params);
      throw error;
    }
  }

  private receive(message: Message): void {
    const { room } = this;
    room.show.value = apply(room.show.value, message, room.page.viewer.id);
    if (message.k === "snapshot") this.onSnapshot();
    else if (message.k === "comment") this.onComment(message.comment);
    else if (message.k === "comment.deleted") this.onDeleted(message.id);
    else if (message.k === "stage.mine") this.passing.standing?.(message);
    else if (message.k === "mute" && message.until_ms > 0) this.onMute(message.author);
  }

  private onSnapshot(): void {
    const { room } = this;
    room.likes.value = Math.max(room.likes.value, room.show.value.likes_total);
    for (const comment of room.show.value.comments) room.addLine(comment);
  }

  private onComment(comment: CommentView): void {
    this.room.addLine(comment);
    this.passing.comment(comment);
  }

  private onDeleted(id: string): void {
    this.dropAwaited((awaited) => awaited === id);
    this.room.removeLine(id);
    this.passing.remove(id);
  }

  private onMute(author: string): void {
    this.dropAwaited((_id, awaited) => awaited === author);
    this.room.removeAuthor(author);
    this.passing.removeAuthor(author);
  }

  /** Another's words about the host come with the picture they are about; one's own at once. */
  private onDanmaku(message: Danmaku): void {
    const { room } = this;
    const lateMs = message.author === room.page.viewer.id ? 0 : room.lateMs.value;
    if (lateMs < NOTICED_MS) return this.showDanmaku(message);
    if (this.awaited.size >= MOST_AWAITED) return;
    const timer = setTimeout(() => {
      this.awaited.delete(message.id);
      this.showDanmaku(message);
    }, lateMs);
    this.awaited.set(message.id, { author: message.author, timer });
  }

  private showDanmaku(message: Danmaku): void {
    this.room.addDanmaku(message);
    this.passing.danmaku(message);
  }

  /** What was taken away while it waited is never seen. */
  private dropAwaited(isIt: (id: string, author: string) => boolean): void {
    for (const [id, { author, timer }] of this.awaited) {
      if (!isIt(id, author)) continue;
      clearTimeout(timer);
      this.awaited.delete(id);
    }
  }

  private onLikes(message: Likes): void {
    const gained = Math.max(0, message.total - this.room.likes.value);
    this.room.likes.value = message.total;
    this.passing.likes(message, gained);
  }

  private onOrder(order: OrderNews): void {
    void this.room.orders.load();
    this.passing.order(order);
  }
}
