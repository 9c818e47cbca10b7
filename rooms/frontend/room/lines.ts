/** The host's line on whichever road this viewer gets it: which tier, the change from one to the other, and the way back up. */
import { feedOf, type Feed } from "@dramas/player/feed";
import { FilmLine, type FilmAddress } from "@realtime/rtc/film";
import type { FilmFigures } from "@realtime/rtc/filmed";
import type { LineFigures } from "@realtime/rtc/figures";
import type { Signalling } from "@realtime/rtc/signalling";
import { FULL, WatchingLine, type WatchState } from "@realtime/rtc/watching";
import { Ladder, type Reason, type Tier } from "./tiers";

const LOOK_EVERY_MS = 1_000;

/** The roads of a room, as its page reaches them. */
export interface Roads {
  signalling: Signalling;
  findFilm: () => Promise<FilmAddress>;
}

export interface HostEvents {
  state(state: WatchState): void;
  /** What should be seen from now on, as soon as it has a picture. */
  feed(feed: Feed): void;
  lag(ms: number): void;
  /** Once a second, of what is seen. */
  figures?(tier: Tier, figures: FilmFigures): void;
  tier(tier: Tier, reason: Reason): void;
  /** The direct line is what is seen: further lines may be negotiated for on its connection. */
  connected(connection: RTCPeerConnection, session: string): void;
}

export class HostLines {
  state: WatchState = "off";
  private readonly direct: WatchingLine;
  private readonly film: FilmLine;
  private readonly ladder = new Ladder();
  /** The direct line while it is tried behind the film. */
  private candidate: Feed | null = null;
  private connection: { peer: RTCPeerConnection; session: string } | null = null;
  private isClimbing = false;
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor(roads: Roads, private readonly events: HostEvents, now: () => number) {
    this.direct = new WatchingLine(roads.signalling, {
      state: (state) => this.onDirect(state),
      stream: (stream) => this.onStream(feedOf(stream)),
      figures: (figures) => this.onFigures(figures),
      connected: (peer, session) => {
        this.connection = { peer, session };
        if (this.tier === "webrtc") this.events.connected(peer, session);
      },
    });
    this.film = new FilmLine(
      roads.findFilm,
      {
        state: (state) => this.onFilm(state),
        feed: (feed) => this.tier === "llhls" && this.events.feed(feed),
        lag: (ms) => this.tier === "llhls" && this.events.lag(ms),
        figures: (figures) => this.tier === "llhls" && this.events.figures?.("llhls", figures),
      },
      now,
    );
  }

  get tier(): Tier {
    return this.ladder.tier;
  }

  /** Hold the line from now on. */
  open(): void {
    if (this.state !== "off" && this.state !== "failed") return;
    if (this.ladder.mayClimb(performance.now())) this.rise();
    clearInterval(this.looking);
    this.looking = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.line.open();
  }

  close(): void {
    clearInterval(this.looking);
    this.isClimbing = false;
    this.candidate = null;
    this.direct.close();
    this.film.close();
    this.ladder.noteGone();
    this.set("off");
  }

  /** The viewer asks: everything is tried again, the best first. */
  retry(): void {
    if (this.state === "heard" || this.state === "connecting") return;
    this.film.close();
    this.rise();
    this.direct.retry();
  }

  /** This feed is on the screen: what stood before it may go. */
  shown(): void {
    if (this.tier === "webrtc") {
      this.film.close();
      this.direct.dropOld();
      this.ladder.noteDirect(performance.now());
    } else if (!this.isClimbing) {
      this.direct.close();
    }
  }

  private get line(): WatchingLine | FilmLine {
    return this.tier === "webrtc" ? this.direct : this.film;
  }

  private look(): void {
    if (this.isClimbing || this.film.state !== "heard" || !this.ladder.mayClimb(performance.now())) return;
    this.isClimbing = true;
    this.direct.open();
  }

  private onDirect(state: WatchState): void {
    if (this.tier === "webrtc") {
      if (state === "failed") this.fall(FULL.has(this.direct.lastRefusal) ? "full" : "unreachable");
      else if (state !== "off") this.set(state);
    } else if (this.isClimbing && state === "failed") {
      this.stopClimbing();
    }
  }

  /** While the direct line still shows something, nobody hears that the film is only being opened, or that it cannot be. */
  private onFilm(state: WatchState): void {
    if (this.tier !== "llhls" || state === "off") return;
    const isDirectSeen = this.direct.state === "heard" && !this.isClimbing;
    if (state === "failed" && isDirectSeen) this.rise();
    else if (state !== "connecting" || !isDirectSeen) this.set(state);
  }

  private onStream(feed: Feed): void {
    if (this.tier === "webrtc") this.events.feed(feed);
    else this.candidate = feed;
  }

  private onFigures(figures: LineFigures): void {
    const { roundTripMs, bufferedMs, lostShare } = figures;
    if (this.tier === "webrtc") this.events.figures?.("webrtc", figures);
    const asks = this.ladder.noteLoss(lostShare);
    if (this.tier === "webrtc") {
      this.events.lag((roundTripMs ?? 0) / 2 + bufferedMs);
      if (asks === "leave") this.fall("loss");
    } else if (this.isClimbing && asks === "leave") {
      this.stopClimbing();
    } else if (this.isClimbing && asks === "take" && this.candidate) {
      const feed = this.candidate;
      this.rise();
      this.events.feed(feed);
      if (this.connection) this.events.connected(this.connection.peer, this.connection.session);
    }
  }

  /** The film begins; what the direct line still shows goes on until it has a picture. */
  private fall(reason: Exclude<Reason, "">): void {
    this.ladder.fall(reason, performance.now());
    this.events.tier("llhls", reason);
    if (this.direct.state !== "heard") this.set("connecting");
    this.film.open();
  }

  private rise(): void {
    this.ladder.climb();
    this.isClimbing = false;
    this.candidate = null;
    this.events.tier("webrtc", "");
  }

  private stopClimbing(): void {
    this.isClimbing = false;
    this.candidate = null;
    this.direct.close();
    this.ladder.climbFailed(performance.now());
  }

  private set(state: WatchState): void {
    if (this.state === state) return;
    this.state = state;
    this.events.state(state);
  }
}
