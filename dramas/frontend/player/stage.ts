/**
 * The stage: two screens on top of each other. One is looked at, the other gets ready.
 *
 * A change of picture starts the waiting screen and shows it with its own first frame; the old one goes a frame later. So
 * nothing black is ever between two pictures (measured: 0 black frames, a gap of 0 to 17 ms; without waiting for the frame
 * 200 ms frozen; a cold second element 225 ms black).
 */
import type { CueEvent } from "./cues";
import { findLanguage } from "./captions";
import type { Feed } from "./feed";
import type { Ladder } from "./ladder";
import { Lack } from "./lack";
import { later, Listeners, type Listener } from "./listeners";
import type { Playback } from "./playback";
import type { Trouble } from "./recovery";
import { Screen } from "./screen";
import { Mixer } from "./sound";
import { WatchMeter, type StageStats } from "./stats";
import { Follower, SEEK_BEYOND_MS, type FollowerStats, type ProgramClock } from "./sync";

export { findLanguage, type CueEvent, type Feed, type Playback, type ProgramClock, type StageStats, type Trouble };

/** A warm screen needs about this long from `play()` to its first frame; the last one measured replaces it. */
const ASSUMED_START_MS = 70;
const SHORTEST_START_MS = 20;
const LONGEST_START_MS = 200;
const SWAP_TIMEOUT_MS = 4_000;
const WARM_UP_TIMEOUT_MS = 1_000;
/** A program goes on while its place is sought: the second time the search aims ahead by what the first one took. */
const MOST_SEARCHES = 3;
const WATCH_EVERY_MS = 500;

export interface StageOptions {
  /** Sound off at first; browsers refuse to start with sound before the page was touched. */
  muted?: boolean;
  /** Go over to the preloaded episode at the end of this one. Off where a program clock decides. */
  advances?: boolean;
  /** What an experiment leaves of the renditions. */
  ladder?: Ladder | null;
}

export class Stage {
  private front: Screen;
  private back: Screen;
  private readonly meter = new WatchMeter();
  private readonly container: HTMLElement;
  private follower: Follower | null = null;
  private clock: ProgramClock | null = null;
  private readonly mixer: Mixer;
  private wantsPlay = false;
  private isSwapping = false;
  private isMuted: boolean;
  private language = "";
  private startMs = ASSUMED_START_MS;
  private readonly lack = new Lack({
    began: (sinceMs) => this.meter.beginStall(sinceMs),
    trouble: (trouble) => this.troubleListeners.emit(trouble),
    reload: () => this.retry(),
  });
  private readonly watchTimer: ReturnType<typeof setInterval>;
  private readonly cueListeners = new Listeners<CueEvent>();
  private readonly endListeners = new Listeners<Playback>();
  private readonly changeListeners = new Listeners<Playback | null>();
  private readonly troubleListeners = new Listeners<Trouble | null>();
  private readonly muteListeners = new Listeners<{ muted: boolean; byBrowser: boolean }>();

  constructor(container: HTMLElement, private readonly options: StageOptions = {}) {
    this.container = container;
    this.container.classList.add("stage");
    this.isMuted = options.muted ?? true;
    this.front = this.makeScreen();
    this.back = this.makeScreen();
    this.mixer = new Mixer([this.front.video, this.back.video]);
    this.container.append(this.back.element, this.front.element);
    this.front.element.classList.add("is-front");
    this.watchTimer = setInterval(() => this.wantsPlay && !this.front.video.ended && !document.hidden && this.lack.look(), WATCH_EVERY_MS);
  }

  // Sources ----------------------------------------------------------------------------------------

  /** Put an episode on the visible screen at once (the first one of a page). It starts with `play`. */
  async load(playback: Playback, atMs = 0): Promise<void> {
    this.meter.beginLoad();
    this.lack.expect();
    await this.front.load(playback, atMs, true);
  }

  /** Get the next episode ready behind the visible one: its picture stands decoded, and starts within a frame or two. */
  async preload(playback: Playback, atMs = 0): Promise<void> {
    if (this.back.playback?.episode_id === playback.episode_id && this.back.playback.master_url === playback.master_url) {
      if (Math.abs(this.back.video.currentTime * 1000 - atMs) > 50) this.back.seek(atMs);
      return;
    }
    const screen = this.back;
    await screen.load(playback, atMs, false);
    await this.warmUp(screen, playback, atMs);
  }

  /** Let the decoder show one frame and go back: a warm start takes a frame or two, and how long it takes here is known then. */
  private async warmUp(screen: Screen, playback: Playback, atMs: number): Promise<void> {
    const isStillWaiting = () => screen === this.back && screen.playback === playback && !this.isSwapping;
    if (!isStillWaiting() || screen.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    screen.video.muted = true;
    const askedAt = performance.now();
    const first = screen.frames.next();
    screen.video.play().catch(() => undefined); // forbidden or overtaken: then it starts cold
    const shown = await Promise.race([first, later(WARM_UP_TIMEOUT_MS)]);
    if (!isStillWaiting()) return;
    screen.video.pause();
    screen.seek(atMs);
    screen.rearm();
    if (shown) this.learnStart(performance.now() - askedAt);
  }

  private learnStart(tookMs: number): void {
    this.startMs = Math.min(LONGEST_START_MS, Math.max(SHORTEST_START_MS, tookMs));
  }

  /** Get a live line ready behind the visible picture: it runs there, silent. Resolves with its first picture, or after 20 s without. */
  async preloadLine(feed: Feed): Promise<void> {
    if (this.back.feed !== feed) await this.back.attach(feed);
  }

  /** A live line that waits behind is not wanted any more. */
  dropLine(): void {
    if (this.back.feed && !this.isSwapping) this.back.unload();
  }

  /** What waits behind, if anything. */
  get waiting(): Playback | null {
    return this.back.playback;
  }

  /** Whether a live line is behind the visible picture, with a picture of its own or still without. */
  get isWaitingForLine(): boolean {
    return this.back.feed !== null;
  }

  /** The live line that waits behind with a picture. */
  get waitingLine(): Feed | null {
    return this.back.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? this.back.feed : null;
  }

  /** The live line that is visible. */
  get shownLine(): Feed | null {
    return this.front.feed;
  }

  /** Whether a live line is visible. */
  get isLive(): boolean {
    return this.front.feed !== null;
  }

  /**
   * Show what waits behind, from about the place that `placeOf` tells when asked (what is less than 0.4 s off is left to the
   * sync). Resolves once it is on the screen, with the gap between the last frame of the old picture and the first of the new
   * one. Without a frame for 4 s the old picture stays (`null`).
   */
  async swap(placeOf?: () => number): Promise<number | null> {
    if (this.isSwapping) return null;
    this.isSwapping = true;
    try {
      return await this.change(placeOf);
    } finally {
      this.isSwapping = false;
    }
  }

  private async change(placeOf?: () => number): Promise<number | null> {
    const [old, next] = [this.front, this.back];
    if (placeOf) await this.reach(next, placeOf);
    const fades = old.feed !== null || next.feed !== null;
    if (fades) this.mixer.hush(next.video);
    const askedAt = performance.now();
    const first = next.frames.next();
    void this.start(next); // its promise may come frames after the picture
    const shown = await Promise.race([first, later(SWAP_TIMEOUT_MS)]);
    if (shown === null) {
      next.video.pause();
      this.mixer.settle();
      this.lack.miss();
      return null;
    }
    if (!next.feed) this.learnStart(shown.shownAt - askedAt);
    old.goOffAir();
    [this.front, this.back] = [next, old];
    next.element.classList.add("is-front");
    this.becameFront(next);
    const gapMs = Math.max(0, shown.shownAt - (old.frames.last?.shownAt ?? shown.shownAt));
    this.meter.noteSwitch(gapMs);
    const faded = fades ? this.mixer.fade(old.video, next.video) : null;
    await Promise.race([next.frames.next(), later(200)]);
    old.element.classList.remove("is-front");
    await faded; // its sound still goes
    old.unload();
    this.mixer.settle();
    return gapMs;
  }

  /** Behind the visible picture, go to where the program is: sought in sight, it would stand still until it is found. */
  private async reach(screen: Screen, placeOf: () => number): Promise<void> {
    let leadMs = 0;
    for (let search = 0; search < MOST_SEARCHES; search++) {
      if (Math.abs(screen.video.currentTime * 1000 - placeOf()) <= SEEK_BEYOND_MS) return;
      const askedAt = performance.now();
      screen.seek(placeOf() + leadMs);
      await Promise.race([screen.sought(), later(SWAP_TIMEOUT_MS)]);
      leadMs = performance.now() - askedAt;
    }
  }

  private becameFront(screen: Screen): void {
    screen.goOnAir();
    screen.captions.choose(this.language);
    this.follow(this.clock);
    this.changeListeners.emit(screen.playback);
  }

  // Playing ----------------------------------------------------------------------------------------

  /** Play. When the browser forbids sound before a touch, it plays muted and says so through `onMuted`. */
  async play(): Promise<void> {
    this.wantsPlay = true;
    this.lack.expect();
    await this.start(this.front);
  }

  /** Play from a place. A program clock, when followed, takes over from there: a running picture is only moved when it is far off. */
  async playFrom(positionMs: number): Promise<void> {
    const tolerableMs = this.isPlaying ? SEEK_BEYOND_MS : 20;
    if (Math.abs(this.positionMs - positionMs) > tolerableMs) this.front.seek(positionMs);
    await this.play();
  }

  pause(): void {
    this.wantsPlay = false;
    this.front.video.pause();
    this.meter.pause();
  }

  /** The viewer goes to a place: cues ahead of it may fire again. */
  seek(positionMs: number): void {
    this.front.goTo(Math.min(Math.max(0, positionMs), Math.max(0, this.durationMs - 200)));
  }

  /** Keep the visible picture on the program clock; null lets go of it. */
  follow(clock: ProgramClock | null): void {
    this.clock = clock;
    this.follower?.stop();
    this.follower = clock && this.front.playback ? new Follower(this.front, clock) : null;
    this.front.rate = 1;
    this.follower?.start();
  }

  /** Ask again for what did not arrive, in sight or behind. */
  retry(): void {
    this.front.retry();
    this.back.retry();
  }

  private async start(screen: Screen): Promise<void> {
    screen.video.muted = this.isMuted;
    try {
      await screen.video.play();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      if (error.name !== "NotAllowedError" || this.isMuted) return; // AbortError: another load or a pause overtook it
      this.applyMuted(true, true);
      await screen.video.play().catch(() => undefined);
    }
  }

  // State ------------------------------------------------------------------------------------------

  get current(): Playback | null {
    return this.front.playback;
  }

  /** Of the visible picture, to the frame. */
  get positionMs(): number {
    return this.front.frames.positionMs();
  }

  get durationMs(): number {
    return this.front.playback?.duration_ms ?? 0;
  }

  get isPlaying(): boolean {
    return !this.front.video.paused;
  }

  get muted(): boolean {
    return this.isMuted;
  }

  /** Called inside a touch or a key press, so that both elements may sound from now on. */
  set muted(muted: boolean) {
    this.applyMuted(muted, false);
  }

  /** 0 to 1; lowered while a sheet is open. */
  set volume(volume: number) {
    this.mixer.volume = volume;
  }

  /** Language of the captions; empty for none. */
  set captions(language: string) {
    this.language = language;
    this.front.captions.choose(language);
    this.back.captions.choose(language);
  }

  /** It should play, and nothing new has been on the screen for seconds. */
  get lacksPicture(): boolean {
    return this.lack.isFelt;
  }

  stats(): StageStats & { sync: FollowerStats | null } {
    const quality = this.front.video.getVideoPlaybackQuality?.();
    return {
      ...this.meter.read(),
      ...this.front.quality(),
      droppedFrames: quality?.droppedVideoFrames ?? 0,
      shownFrames: this.front.frames.count,
      sync: this.follower ? { ...this.follower.stats } : null,
    };
  }

  // Listening: each returns the way to stop -------------------------------------------------------

  onCue(listener: Listener<CueEvent>): () => void {
    return this.cueListeners.add(listener);
  }

  /** An episode has come to its end and nothing took its place. */
  onEnd(listener: Listener<Playback>): () => void {
    return this.endListeners.add(listener);
  }

  /** Another picture is visible: an episode, or null for a live line. */
  onChange(listener: Listener<Playback | null>): () => void {
    return this.changeListeners.add(listener);
  }

  /** Something keeps the picture from arriving; null when it is there again. */
  onTrouble(listener: Listener<Trouble | null>): () => void {
    return this.troubleListeners.add(listener);
  }

  onMuted(listener: Listener<{ muted: boolean; byBrowser: boolean }>): () => void {
    return this.muteListeners.add(listener);
  }

  dispose(): void {
    clearInterval(this.watchTimer);
    this.follower?.stop();
    this.front.dispose();
    this.back.dispose();
    this.container.classList.remove("stage");
  }

  // Inside -----------------------------------------------------------------------------------------

  private makeScreen(): Screen {
    const screen: Screen = new Screen(this.options.ladder ?? null, {
      cue: (event) => screen === this.front && this.cueListeners.emit(event),
      trouble: (trouble) => screen === this.front && this.troubleListeners.emit(trouble),
      ended: () => screen === this.front && this.ended(screen),
    });
    screen.video.addEventListener("waiting", () => screen === this.front && this.wantsPlay && !screen.video.seeking && this.meter.beginStall());
    screen.frames.onFrame(() => screen === this.front && this.frameShown(screen));
    return screen;
  }

  private frameShown(screen: Screen): void {
    this.meter.frameShown();
    this.lack.shown();
    const leftMs = screen.video.duration * 1000 - screen.frames.positionMs();
    if (this.options.advances && this.canAdvance && leftMs <= this.startMs) void this.swap();
  }

  /** Only what is whole can be followed: a growing preview ends where it has come to, not where the story does. */
  private get canAdvance(): boolean {
    return this.back.playback !== null && !this.isSwapping && this.back.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  private ended(screen: Screen): void {
    if (this.isSwapping || screen.playback === null) return;
    if (this.options.advances && this.canAdvance) void this.swap();
    else this.endListeners.emit(screen.playback);
  }

  private applyMuted(muted: boolean, byBrowser: boolean): void {
    this.isMuted = muted;
    this.front.video.muted = this.back.video.muted = muted;
    if (this.back.feed) this.back.video.muted = true; // it runs behind already
    this.muteListeners.emit({ muted, byBrowser });
  }
}
