/** One of the stage's two screens: a video, a soft backdrop for lying pictures, its cues and captions. */
import Hls, { Events } from "hls.js/light";
import { Backdrop } from "./backdrop";
import { CaptionLine } from "./captions";
import { CueTrack, type CueEvent } from "./cues";
import type { Feed } from "./feed";
import { FrameClock } from "./frames";
import { limitsOf, type Ladder } from "./ladder";
import { inlineLoader } from "./loader";
import type { Playback } from "./playback";
import { Recovery, type Trouble } from "./recovery";
import type { Followed } from "./sync";

/** Seconds of media held: enough for a tunnel on air, little while the episode only waits for its turn. */
const BUFFER_ON_AIR_S = 24;
const BUFFER_WAITING_S = 6;
const BUFFER_BEHIND_S = 12;
/** Seeds the choice of rendition before anything was measured: 480p. */
const ASSUMED_BITS_PER_S = 1_500_000;
const LOAD_TIMEOUT_MS = 20_000;

export interface ScreenEvents {
  cue(event: CueEvent): void;
  trouble(trouble: Trouble | null): void;
  ended(): void;
}

export class Screen implements Followed {
  readonly element: HTMLDivElement;
  readonly video: HTMLVideoElement;
  readonly frames: FrameClock;
  readonly captions: CaptionLine;
  playback: Playback | null = null;
  /** The live line it shows instead of an episode. */
  feed: Feed | null = null;

  private readonly backdrop = new Backdrop();
  private readonly cues: CueTrack;
  private hls: Hls | null = null;
  private recovery: Recovery | null = null;

  constructor(
    private readonly ladder: Ladder | null,
    private readonly events: ScreenEvents,
  ) {
    this.video = makeVideo();
    this.frames = new FrameClock(this.video);
    this.captions = new CaptionLine(this.video);
    this.element = document.createElement("div");
    this.element.className = "stage-screen";
    this.element.append(this.backdrop.element, this.video, this.captions.element);
    this.cues = new CueTrack(this.video, () => this.frames.positionMs(), (event) => this.events.cue(event));
    this.video.addEventListener("ended", () => this.events.ended());
    this.video.addEventListener("resize", () => this.fit());
    this.frames.onFrame((frame) => {
      if (this.element.classList.contains("is-lying")) this.backdrop.paint(this.video, frame.shownAt);
    });
  }

  // Followed ---------------------------------------------------------------------------------------

  get positionMs(): number | null {
    const { video } = this;
    return video.paused || video.seeking || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA ? null : this.frames.positionMs();
  }

  get rate(): number {
    return this.video.playbackRate;
  }

  set rate(rate: number) {
    this.video.playbackRate = rate;
  }

  seek(positionMs: number): void {
    this.video.currentTime = Math.max(0, positionMs) / 1000;
  }

  /** Resolves once the picture of the place that was sought can be shown; at once when nothing is sought. */
  async sought(): Promise<void> {
    if (this.video.seeking) await new Promise((resolve) => this.video.addEventListener("seeked", resolve, { once: true }));
  }

  onFrame(listener: () => void): () => void {
    return this.frames.onFrame(listener);
  }

  // Source -----------------------------------------------------------------------------------------

  /** Begin to load an episode at a place. Resolves once its picture there can be shown, or after 20 s without one. */
  async load(playback: Playback, atMs: number, isOnAir: boolean): Promise<void> {
    this.unload();
    this.playback = playback;
    this.video.poster = playback.poster_url;
    this.element.classList.toggle("is-lying", playback.width > playback.height);
    this.cues.set(playback.cues);
    this.captions.set(playback.captions);
    if (playback.master_url === "") return;
    const shown = firstPicture(this.video);
    if (choosesRenditions()) this.open(playback, atMs, isOnAir);
    else this.openNatively(playback, atMs);
    await shown;
  }

  /** Show a live line, without its sound for now. Resolves with its first picture, or after 20 s without one. */
  async attach(feed: Feed): Promise<void> {
    this.unload();
    this.element.classList.remove("is-lying");
    const shown = firstPicture(this.video);
    this.feed = feed;
    this.video.muted = true;
    feed.attach(this.video);
    this.video.play().catch(() => undefined); // overtaken by another source: then there is nothing to show
    await shown;
  }

  unload(): void {
    this.recovery?.stop();
    this.hls?.destroy();
    this.hls = this.recovery = null;
    this.playback = null;
    this.feed?.detach(this.video);
    this.feed = null;
    this.cues.set([]);
    this.captions.set([]);
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.removeAttribute("poster");
    this.video.load();
    this.video.playbackRate = 1;
    this.frames.reset();
  }

  /** People look at this screen now: hold more media ahead, and tell of the cues that came up on the way. */
  goOnAir(): void {
    if (this.hls) this.hls.config.maxBufferLength = BUFFER_ON_AIR_S;
    for (const cue of this.cues.up) this.events.cue({ phase: "enter", cue, positionMs: this.frames.positionMs() });
  }

  /** Nobody has seen what came up so far: every cue may fire. */
  rearm(): void {
    this.cues.set(this.playback?.cues ?? []);
  }

  /** The picture goes: its cues are over. */
  goOffAir(): void {
    this.cues.set([]);
  }

  /** The viewer went elsewhere by hand: cues ahead may fire again. */
  goTo(positionMs: number): void {
    this.cues.rewind(positionMs);
    this.seek(positionMs);
  }

  retry(): void {
    this.recovery?.retry();
  }

  /** Height of the picture being played and the measured network, for the viewer's figures. */
  quality(): { height: number; bitsPerS: number } {
    const level = this.hls?.levels[this.hls.currentLevel];
    return { height: level?.height ?? this.video.videoHeight, bitsPerS: Math.round(this.hls?.bandwidthEstimate ?? 0) };
  }

  dispose(): void {
    this.unload();
    this.frames.stop();
    this.element.remove();
  }

  private open(playback: Playback, atMs: number, isOnAir: boolean): void {
    const hls = new Hls({
      autoStartLoad: false,
      pLoader: inlineLoader(playback.playlists),
      startPosition: atMs / 1000,
      maxBufferLength: isOnAir ? BUFFER_ON_AIR_S : BUFFER_WAITING_S,
      maxMaxBufferLength: 60,
      backBufferLength: BUFFER_BEHIND_S,
      abrEwmaDefaultEstimate: ASSUMED_BITS_PER_S,
      testBandwidth: false,
      capLevelToPlayerSize: true,
      startFragPrefetch: true,
      enableWorker: false,
    });
    this.hls = hls;
    this.recovery = new Recovery(hls, (trouble) => this.events.trouble(trouble));
    hls.on(Events.MANIFEST_PARSED, () => {
      const limits = this.ladder && limitsOf(hls.levels, this.ladder);
      if (limits) for (let level = hls.levels.length - 1; level >= limits.kept; level--) hls.removeLevel(level);
      const start = limits?.first ?? hls.levels.findIndex((level) => level.url[0]?.includes(`/${playback.start_rendition}/`));
      if (start >= 0) hls.startLevel = start;
      hls.startLoad(atMs / 1000);
    });
    hls.loadSource(playback.master_url);
    hls.attachMedia(this.video);
  }

  /** Safari on older iPhones: no media source extensions. */
  private openNatively(playback: Playback, atMs: number): void {
    this.video.src = playback.master_url;
    this.video.currentTime = atMs / 1000;
  }

  // Picture ----------------------------------------------------------------------------------------

  /** Standing pictures fill the stage; lying ones stand whole over a soft copy of themselves. */
  private fit(): void {
    if (this.video.videoWidth > 0) this.element.classList.toggle("is-lying", this.video.videoWidth > this.video.videoHeight);
  }
}

/** False on older iPhones, whose own player decides. */
export function choosesRenditions(): boolean {
  return Hls.isSupported();
}

function makeVideo(): HTMLVideoElement {
  const video = document.createElement("video");
  video.className = "stage-video";
  video.playsInline = true;
  video.preload = "auto";
  video.disablePictureInPicture = true;
  video.tabIndex = -1;
  return video;
}

function firstPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      video.removeEventListener("loadeddata", done);
      resolve();
    };
    const timer = setTimeout(done, LOAD_TIMEOUT_MS);
    video.addEventListener("loadeddata", done);
  });
}
