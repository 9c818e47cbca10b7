/** The season player: which episode is on, what is up on it, and how it goes on. */
import { callApi, type ApiError } from "@merchants/design/api";
import { computed, signal } from "@preact/signals";
import type { Cue, Playback } from "../player/playback";
import type { Trouble } from "../player/recovery";
import { Stage } from "../player/stage";
import { PlaceKeeper, type Place } from "./place";
import type { EpisodeItem, Product, WatchState } from "./state";

const PRELOAD_AFTER_MS = 2_500;
const UNLOCK_TRIES = 12;
const UNLOCK_TRY_MS = 1_000;

/** A card on the picture. `endsMs` is a position of the episode. */
export interface Card {
  cue: Cue;
  product: Product;
}

export class Watch {
  readonly playback;
  readonly positionMs = signal(0);
  readonly isPlaying = signal(false);
  readonly isMuted = signal(true);
  readonly captions = signal("");
  readonly card = signal<Card | null>(null);
  readonly trouble = signal<Trouble | null>(null);
  readonly hasEnded = signal(false);
  readonly isDrawerOpen = signal(false);
  readonly message = signal("");
  readonly unlocked = signal<ReadonlySet<string>>(new Set());
  readonly current = computed(() => this.item(this.playback.value.episode_id)!);
  readonly next = computed(() => this.state.episodes[this.state.episodes.indexOf(this.current.value) + 1] ?? null);
  readonly isLocked = computed(() => this.playback.value.is_locked);
  readonly stage: Stage;
  private readonly keeper: PlaceKeeper;
  private readonly dismissed = new Set<string>();
  private isPreloading = false;

  constructor(readonly state: WatchState, container: HTMLElement) {
    this.playback = signal<Playback>(state.playback);
    this.keeper = new PlaceKeeper(state.season.id, state.position_url, safeStorage());
    this.stage = new Stage(container, { muted: true, advances: true });
    this.stage.onCue(({ phase, cue }) => (phase === "enter" ? this.raise(cue) : this.lower(cue)));
    this.stage.onChange((playback) => playback && this.arrive(playback));
    this.stage.onEnd(() => void this.goOn());
    this.stage.onMuted(({ muted }) => (this.isMuted.value = muted));
    this.stage.onTrouble((trouble) => (this.trouble.value = trouble));
    document.addEventListener("visibilitychange", () => document.hidden && this.keep(true));
    addEventListener("pagehide", () => this.keep(true));
  }

  async begin(): Promise<void> {
    this.chooseCaptions(document.documentElement.lang);
    const kept = new URLSearchParams(location.search).has("episode") ? null : this.keeper.newerThan(this.state.saved_at_ms);
    if (kept && this.item(kept.episode_id)) return this.open(kept);
    await this.show(this.state.playback, this.state.start_ms);
  }

  /** Called each frame of the page. */
  tick(): void {
    this.positionMs.value = this.stage.positionMs;
    this.isPlaying.value = this.stage.isPlaying;
    if (!this.isPlaying.value || this.isLocked.value) return;
    this.keep(false);
    if (this.positionMs.value > PRELOAD_AFTER_MS) void this.prepareNext();
  }

  toggle(): void {
    if (this.stage.isPlaying) this.stage.pause();
    else if (this.hasEnded.value) void this.open({ episode_id: this.state.episodes[0]!.id, position_ms: 0 });
    else void this.stage.play();
    this.keep(true);
  }

  seek(positionMs: number): void {
    this.hasEnded.value = false;
    this.stage.seek(positionMs);
  }

  toggleSound(): void {
    this.stage.muted = !this.stage.muted;
  }

  chooseCaptions(language: string): void {
    this.captions.value = language;
    this.stage.captions = language;
  }

  dismiss(): void {
    if (this.card.value) this.dismissed.add(this.card.value.cue.id);
    this.card.value = null;
  }

  /** Go to an episode: its place, or its price. */
  async open(place: Place): Promise<void> {
    this.hasEnded.value = false;
    this.isDrawerOpen.value = false;
    const found = await this.fetch(place.episode_id);
    if (found) await this.show(found, place.position_ms);
  }

  /** Something was paid: ask until the unlock has arrived, then go on in it. */
  async unlock(episodeId: string): Promise<void> {
    for (let attempt = 0; attempt < UNLOCK_TRIES; attempt++) {
      const found = await this.fetch(episodeId);
      if (found && !found.is_locked) {
        this.unlocked.value = new Set([...this.unlocked.value, episodeId]);
        return this.show(found, 0);
      }
      await new Promise((resolve) => setTimeout(resolve, UNLOCK_TRY_MS));
    }
  }

  isItemLocked(item: EpisodeItem): boolean {
    return item.is_locked && !this.unlocked.value.has(item.id);
  }

  item(id: string): EpisodeItem | undefined {
    return this.state.episodes.find((episode) => episode.id === id);
  }

  product(id: string | null): Product | null {
    return this.state.products.find((product) => product.id === id) ?? null;
  }

  private async show(playback: Playback, atMs: number): Promise<void> {
    this.card.value = null;
    this.playback.value = playback;
    this.address(playback);
    void this.stage.load(playback, playback.is_locked ? 0 : atMs);
    await this.stage.play();
  }

  private arrive(playback: Playback): void {
    this.playback.value = playback;
    this.address(playback);
    this.keep(true);
  }

  private async goOn(): Promise<void> {
    if (this.isLocked.value) return; // the teaser stands on its last picture behind the price
    this.keep(true);
    const next = this.next.value;
    if (next) await this.open({ episode_id: next.id, position_ms: 0 });
    else this.hasEnded.value = true;
  }

  private async prepareNext(): Promise<void> {
    const next = this.next.value;
    if (!next || this.isPreloading || this.isItemLocked(next) || this.stage.waiting?.episode_id === next.id) return;
    this.isPreloading = true;
    const found = await this.fetch(next.id);
    if (found && !found.is_locked && this.next.value?.id === found.episode_id) await this.stage.preload(found);
    this.isPreloading = false;
  }

  private async fetch(episodeId: string): Promise<Playback | null> {
    try {
      const found = await callApi<Playback>(this.state.playback_url.replace("{episode}", episodeId), { networkText: this.state.texts["trouble_network"]! });
      this.message.value = "";
      return found;
    } catch (error) {
      this.message.value = (error as ApiError).message;
      return null;
    }
  }

  private raise(cue: Cue): void {
    const product = this.product(cue.product_id);
    if (product && cue.kind === "card" && !this.dismissed.has(cue.id)) this.card.value = { cue, product };
  }

  private lower(cue: Cue): void {
    if (this.card.value?.cue.id === cue.id) this.card.value = null;
  }

  private keep(isLast: boolean): void {
    const { episode_id, is_locked } = this.playback.value;
    if (!is_locked && this.stage.current?.episode_id === episode_id) this.keeper.note({ episode_id, position_ms: this.stage.positionMs }, isLast);
  }

  /** The address names the episode, so that a reload or a shared link opens it. */
  private address(playback: Playback): void {
    history.replaceState(null, "", `?episode=${playback.number}`);
    document.title = `${playback.number}. ${playback.title} · ${this.state.season.title}`;
  }
}

function safeStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
