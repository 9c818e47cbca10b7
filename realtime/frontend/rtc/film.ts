/**
 * The host's line as a film: low-latency HLS, followed as long as it is wanted.
 *
 * Three seconds without progress, a film that begins anew because its room went to another node, its end, or an error that the
 * player does not get over begin another opening; the old picture stands until the new feed is shown. Openings in a row that
 * bring nothing pause ever longer and end in `failed`; `retry` begins anew.
 */
import Hls, { ErrorTypes, Events } from "hls.js/light";
import { FilmMeter, type FilmFigures } from "./filmed";
import { pauseBefore } from "./signalling";
import type { WatchState } from "./watching";

const LOOK_EVERY_MS = 250;
const LAG_EVERY_MS = 1_000;
const NO_PROGRESS_MS = 3_000;
/** A room's first segment takes its time; then the picture must be there. */
const OPENING_MS = 15_000;
const MOST_OPENINGS = 5;
/** An address is good for two minutes; a tab in the background wakes once in one. */
const RENEW_EVERY_MS = 45_000;
const RENEW_AGAIN_MS = 5_000;
const REPAIR_EVERY_MS = 5_000;
/** So far behind its target (after a pause by hand) the player goes to the newest picture. */
const FAR_BEHIND_S = 3;
/** Numbers of a film that moved begin at the time of day, far from those before. */
const JUMP = 5;

/** Where this viewer's playlist is; `expires_at_ms` is server time. */
export interface FilmAddress {
  url: string;
  expires_at_ms: number;
}

export interface FilmEvents {
  state(state: WatchState): void;
  /** Something to give to a video. It loads as long as it has one. */
  feed(feed: Film): void;
  /** How far the picture is behind the host. */
  lag(ms: number): void;
  figures?(figures: FilmFigures): void;
}

export class FilmLine {
  state: WatchState = "off";

  private openings = 0;
  private run = 0;
  private lagAt = 0;
  private toldAt = 0;
  private looking: ReturnType<typeof setInterval> | undefined;
  private pausing: ReturnType<typeof setTimeout> | undefined;
  private renewing: ReturnType<typeof setTimeout> | undefined;

  /** `now` is server time in ms. */
  constructor(
    private readonly findAddress: () => Promise<FilmAddress>,
    private readonly events: FilmEvents,
    private readonly now: () => number,
    private readonly random: () => number = Math.random,
  ) {}

  open(): void {
    if (this.state === "off" || this.state === "failed") this.retry();
  }

  /** Begin anew, now. */
  retry(): void {
    if (this.state === "heard" || this.state === "connecting") return;
    this.openings = 0;
    clearTimeout(this.pausing);
    this.set("connecting");
    void this.begin();
  }

  close(): void {
    this.run++;
    this.stopTimers();
    this.set("off");
  }

  private async begin(): Promise<void> {
    const run = ++this.run;
    this.openings++;
    try {
      const { url } = await this.findAddress();
      if (run !== this.run) return;
      const film = new Film(url); // whoever shows it lets go of it
      this.looking = setInterval(() => this.look(film), LOOK_EVERY_MS);
      this.renewLater(run, film, RENEW_EVERY_MS);
      this.events.feed(film);
    } catch {
      if (run === this.run) this.again(); // refused, or no network: the next opening asks once more
    }
  }

  private renewLater(run: number, film: Film, inMs: number): void {
    this.renewing = setTimeout(() => {
      this.findAddress().then(
        ({ url }) => {
          film.url = url;
          if (run === this.run) this.renewLater(run, film, RENEW_EVERY_MS);
        },
        () => run === this.run && this.renewLater(run, film, RENEW_AGAIN_MS),
      );
    }, inMs);
  }

  private look(film: Film): void {
    const at = performance.now();
    film.look(at);
    if (film.hasProgressed && this.state !== "heard") {
      this.openings = 0;
      this.set("heard");
    }
    const capturedAtMs = film.capturedAtMs;
    if (capturedAtMs !== null && at - this.lagAt >= LAG_EVERY_MS) {
      this.lagAt = at;
      this.events.lag(Math.max(0, this.now() - capturedAtMs));
    }
    if (film.video && film.hasProgressed && at - this.toldAt >= LAG_EVERY_MS) {
      this.toldAt = at;
      this.events.figures?.(film.meter.read(film.video, film.stoodForMs(at), at));
    }
    if (film.isLost || film.stoodForMs(at) > (film.hasProgressed ? NO_PROGRESS_MS : OPENING_MS)) this.again();
  }

  private again(): void {
    const run = ++this.run;
    this.stopTimers();
    if (this.openings >= MOST_OPENINGS) {
      this.set("failed");
      return;
    }
    this.set(this.state === "heard" || this.state === "silent" ? "silent" : "connecting");
    this.pausing = setTimeout(() => run === this.run && void this.begin(), pauseBefore(Math.max(1, this.openings), this.random));
  }

  private stopTimers(): void {
    clearInterval(this.looking);
    clearTimeout(this.pausing);
    clearTimeout(this.renewing);
  }

  private set(state: WatchState): void {
    if (this.state === state) return;
    this.state = state;
    this.events.state(state);
  }
}

/** One opening: a player exists as long as a video shows it. */
export class Film {
  hasProgressed = false;
  /** Another opening is due: it ended, began anew elsewhere, or cannot be played. */
  isLost = false;
  private hls: Hls | null = null;
  /** What shows it now. */
  video: HTMLVideoElement | null = null;
  readonly meter = new FilmMeter();
  private place = 0;
  private progressedAt = performance.now();
  private repairedAt = -Infinity;
  private newest = 0;
  private isOver = false;

  /** `url` of the playlist; another word may stand in it at any time. */
  constructor(public url: string) {}

  attach(video: HTMLVideoElement): void {
    this.video = video;
    this.place = 0;
    this.progressedAt = performance.now();
    if (!Hls.isSupported()) {
      video.src = this.url; // Safari on older iPhones follows the playlist itself
      return;
    }
    // Any option named `liveSync…` would replace the distance that the playlist itself asks for.
    const hls = (this.hls = new Hls({ lowLatencyMode: true, enableWorker: false, backBufferLength: 8, xhrSetup: (xhr, url) => xhr.open("GET", this.withWord(url), true) }));
    hls.on(Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      if (data.type === ErrorTypes.MEDIA_ERROR && performance.now() - this.repairedAt > REPAIR_EVERY_MS) {
        this.repairedAt = performance.now();
        hls.recoverMediaError();
      } else {
        this.isLost = true;
      }
    });
    hls.on(Events.LEVEL_LOADED, (_event, { details }) => {
      if (this.newest && details.startSN > this.newest + JUMP) this.isLost = true;
      this.newest = details.endSN;
      this.isOver = !details.live;
    });
    hls.loadSource(this.url);
    hls.attachMedia(video);
  }

  detach(video: HTMLVideoElement): void {
    this.hls?.destroy();
    this.hls = null;
    if (this.video === video) this.video = null;
  }

  /** When what is seen was captured, in the server's ms; null while nobody knows. */
  get capturedAtMs(): number | null {
    return this.hls?.playingDate?.getTime() ?? null;
  }

  look(at: number): void {
    const { video, hls } = this;
    if (!video || video.paused || document.hidden) {
      this.progressedAt = at; // nobody waits for it
      if (!video?.ended) return;
    }
    if (video.currentTime > this.place) {
      this.hasProgressed ||= this.place > 0;
      this.place = video.currentTime;
      this.progressedAt = at;
    }
    if (this.isOver && video.ended) this.isLost = true;
    if (hls?.liveSyncPosition && hls.latency > hls.targetLatency! + FAR_BEHIND_S) video.currentTime = hls.liveSyncPosition;
  }

  stoodForMs(at: number): number {
    return at - this.progressedAt;
  }

  private withWord(url: string): string {
    const folder = (address: string) => address.slice(0, address.lastIndexOf("/", address.indexOf("?") < 0 ? undefined : address.indexOf("?")) + 1);
    return folder(this.url) + url.slice(folder(url).length);
  }
}
