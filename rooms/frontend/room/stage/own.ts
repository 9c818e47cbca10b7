/** This viewer's own way on stage: devices first, for their eyes alone, then the request, then the line once the host asks. */
import { computed, effect, signal, untracked } from "@preact/signals";
import type { Standing } from "@realtime/messages.gen";
import { LevelMeter } from "@realtime/rtc/level";
import { PublishingLine, type PublishState } from "@realtime/rtc/publishing";
import type { Signalling } from "@realtime/rtc/signalling";
import { openGuest, SourceError, type Source, type SourceProblem } from "@realtime/rtc/sources";
import { SocketError } from "@realtime/socket";
import type { Connection } from "../connection";
import type { Room } from "../model";

/** A guest is shown small: more would be thrown away on every screen. */
const MOST_BITS_PER_S = 800_000;

export class OwnStage {
  readonly source = signal<Source | null>(null);
  readonly isOpening = signal(false);
  readonly problem = signal<SourceProblem | "gone" | null>(null);
  readonly hasPicture = signal(true);
  readonly level = signal(0);
  readonly sending = signal<PublishState>("off");
  /** Words of the last refusal of a request. */
  readonly refusal = signal("");
  readonly standing = computed(() => this.room.show.value.own_stage?.standing ?? null);

  private readonly meter = new LevelMeter((level) => {
    this.level.value = level;
  });
  private line: PublishingLine | null = null;
  private isReturning: boolean;

  constructor(
    private readonly room: Room,
    private readonly connection: Connection,
    private readonly signalling: Signalling,
    private readonly page: { unmute: () => void; say: (text: string) => void },
  ) {
    this.isReturning = this.standing.value !== null;
    this.hasPicture.value = room.show.value.own_stage?.has_picture ?? true;
    effect(() => {
      const standing = this.standing.value;
      untracked(() => void this.follow(standing));
    });
  }

  /** Open the devices, with the browser's own question. What is open already gives way. */
  async open(hasPicture: boolean): Promise<boolean> {
    if (this.isOpening.value) return false;
    this.isOpening.value = true;
    this.problem.value = null;
    this.hasPicture.value = hasPicture;
    this.release();
    try {
      const source = await openGuest(hasPicture);
      this.source.value = source;
      this.meter.measure(source.stream);
      for (const track of source.stream.getTracks()) track.addEventListener("ended", () => this.lose(source));
      return true;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.problem.value = error.problem;
      return false;
    } finally {
      this.isOpening.value = false;
    }
  }

  async ask(): Promise<void> {
    await this.say({ k: "stage.ask", has_picture: this.hasPicture.value });
  }

  /** Take the request back, or leave the stage. The camera goes out at once, whatever the server says. */
  async leave(): Promise<void> {
    this.stop();
    this.release();
    await this.say({ k: "stage.withdraw" });
    this.room.show.value = { ...this.room.show.value, own_stage: null };
  }

  /** The sheet is closed without a request. */
  closeDevices(): void {
    if (this.standing.value === null) this.release();
    this.problem.value = null;
    this.refusal.value = "";
  }

  private async say(message: { k: string; has_picture?: boolean }): Promise<void> {
    this.refusal.value = "";
    try {
      const answer = await this.connection.socket.send<Standing>(message as { k: string });
      if (answer.k === "stage.mine") this.connection.take(answer);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      this.refusal.value = error.message || this.room.t("offline_not_sent");
    }
  }

  private async follow(standing: typeof this.standing.value): Promise<void> {
    const isReturning = this.isReturning;
    this.isReturning = false;
    if (standing === null) {
      this.stop();
      this.release();
      return;
    }
    if (isReturning) await this.look();
    if (this.standing.value !== null && this.standing.value !== "asked") await this.send();
  }

  /** A page that was loaded anew may have missed what came between. */
  private async look(): Promise<void> {
    await this.signalling.ready();
    await this.say({ k: "stage.look" });
  }

  private async send(): Promise<void> {
    if (this.isOpening.value || (this.line && this.sending.value !== "failed")) return;
    if (!this.source.value && !(await this.open(this.room.show.value.own_stage?.has_picture ?? true))) return this.showSheet();
    const source = this.source.value;
    if (!source || this.standing.value === null || this.standing.value === "asked") return;
    if (this.room.isMuted.value) this.page.unmute(); // who talks with the host has to hear the host
    this.line = new PublishingLine(
      this.signalling,
      {
        state: (state) => {
          this.sending.value = state;
        },
        figures: () => undefined,
      },
      MOST_BITS_PER_S,
    );
    await this.line.start(source.stream);
  }

  /** Try the line again, after it failed or the devices did. */
  async retry(): Promise<void> {
    this.stop();
    await this.send();
  }

  private showSheet(): void {
    this.room.sheet.value = "stage";
  }

  /** It is over, and not by this viewer's own wish: said in words. */
  hear(message: Pick<Standing, "own" | "ending">): void {
    if (message.own !== null || message.ending === "" || message.ending === "withdrawn") return;
    this.page.say(this.room.t(`stage_over_${message.ending}`));
    if (this.room.sheet.value === "stage") this.room.sheet.value = null;
  }

  private lose(source: Source): void {
    if (this.source.value !== source) return;
    this.problem.value = "gone";
    this.stop();
    this.release();
    if (this.standing.value !== null) this.showSheet();
  }

  private stop(): void {
    this.line?.stop();
    this.line = null;
    this.sending.value = "off";
  }

  private release(): void {
    this.meter.measure(null);
    const source = this.source.value;
    this.source.value = null;
    source?.release();
  }
}

