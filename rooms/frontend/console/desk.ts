/** Presses the console's buttons: one REST call each, its answer is the new state; a refusal is said in words. */
import { ApiError, callApi } from "@merchants/design/api";
import type { Console } from "./model";
import type { Button, ConsoleState, Grant } from "./state";

const POLL_MS = 5_000;
const MESSAGE_MS = 6_000;

export class Desk {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly model: Console) {
    setInterval(() => void this.refresh(), POLL_MS);
  }

  press(button: Button): Promise<boolean> {
    return this.post(button, {});
  }

  /** Put what stands in the preview on air. */
  async take(): Promise<void> {
    const { preview, nextSlot, state, isHostChosen } = this.model;
    if (isHostChosen.value) return void (state.value.moves.go_live && (await this.goLive(false)));
    if (this.model.isReturning.value) return void (await this.press("return"));
    if (!preview.value || !state.value.moves.next) return;
    const isNext = preview.value.episode_id === nextSlot.value?.episode_id;
    const isDone = isNext ? await this.press("next") : await this.post("play", { episode_id: preview.value.episode_id });
    if (isDone) this.model.choose(null);
  }

  /** The host's line, at once or when the episode ends. */
  async goLive(atEpisodeEnd: boolean): Promise<void> {
    const isDone = await this.post("go-live", { at_episode_end: atEpisodeEnd });
    if (isDone && !atEpisodeEnd) this.model.choose(null);
  }

  /** A stream key for another program. Null when it was refused, which is said. */
  makeKey(line: string): Promise<Grant | null> {
    return this.grant("live/token", { line });
  }

  /** A stream key with which this guest sends by another program. */
  makeGuestKey(guestId: string): Promise<Grant | null> {
    return this.grant("stage/token", { guest_id: guestId });
  }

  private async grant(path: string, body: Record<string, string>): Promise<Grant | null> {
    try {
      return await callApi<Grant>(this.address(path), { body, networkText: this.model.t("network") });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.say(error.message, true);
      return null;
    }
  }

  /** Note that the camera is softened from now on, or no longer. */
  noteFilter(isOn: boolean): Promise<boolean> {
    return this.post("filter", { is_on: isOn });
  }

  raise(productId: string): Promise<boolean> {
    return this.post("cards/raise", { product_id: productId });
  }

  lower(cardId: string): Promise<boolean> {
    return this.post("cards/lower", { card_id: cardId });
  }

  skip(cueId: string): Promise<boolean> {
    return this.post("cards/lower", { cue_id: cueId });
  }

  fire(cueId: string): Promise<boolean> {
    return this.post("cues/fire", { cue_id: cueId });
  }

  explain(productId: string | null): Promise<boolean> {
    return this.post("products/pin", { product_id: productId });
  }

  pin(line: { id: string; isDanmaku?: boolean } | null): Promise<boolean> {
    return this.post("pin", line?.isDanmaku ? { danmaku_id: line.id } : { comment_id: line?.id ?? null });
  }

  remove(line: { id: string; isDanmaku?: boolean }): Promise<boolean> {
    return this.post("delete", { of: line.isDanmaku ? "danmaku" : "comment", id: line.id });
  }

  mute(viewerId: string, nickname: string, forS: number): Promise<boolean> {
    return this.post("mute", { viewer_id: viewerId, nickname, for_s: forS });
  }

  unmute(viewerId: string): Promise<boolean> {
    return this.post("unmute", { viewer_id: viewerId });
  }

  /** What is done with a request or a guest of the stage. */
  onStage(act: "invite" | "admit" | "mute" | "unmute" | "remove", guestId: string): Promise<boolean> {
    return this.post(`stage/${act}`, { guest_id: guestId });
  }

  /** Let a past show's crowd play in this rehearsal. */
  startGhosts(pastId: string, speed: number, ghosts: number): Promise<boolean> {
    return this.post("ghosts/start", { past_id: pastId, speed, ghosts });
  }

  stopGhosts(): Promise<boolean> {
    return this.post("ghosts/stop", {});
  }

  slowMode(seconds: number): Promise<boolean> {
    return this.post("slow-mode", { seconds });
  }

  say(text: string, isError = false): void {
    this.model.message.value = { text, isError };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.model.message.value = null;
    }, MESSAGE_MS);
  }

  async refresh(): Promise<void> {
    if (document.hidden) return;
    try {
      this.model.state.value = await callApi<ConsoleState>(this.address("state"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the socket's own state says that the connection is gone
    }
  }

  private async post(path: string, body: object): Promise<boolean> {
    const { model } = this;
    if (model.busy.value === path) return false; // a double press is one press
    model.busy.value = path;
    try {
      model.state.value = await callApi<ConsoleState>(this.address(path), { body, networkText: model.t("network") });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.say(error.message, true);
      void this.refresh();
      return false;
    } finally {
      model.busy.value = "";
    }
  }

  private address(path: string): string {
    return `${this.model.page.console_url}${path}`;
  }
}
