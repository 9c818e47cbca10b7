/** Paints danmaku across the top of the picture: moving lines on lanes, or three still lines where motion is unwelcome. */
import { Lanes } from "./lanes";

export interface DanmakuLine {
  id: string;
  text: string;
  author: string;
  role: string;
  isOwn: boolean;
  /** Of a past show, in a rehearsal. */
  isGhost?: boolean;
}

const LANES = 4;
const LANE_PX = 32;
const MAX_ALIVE = 48;
const STILL_LINES = 3;
const STILL_MS = 4_000;

/** One painter for one container. It only writes transforms, which the compositor moves without the main thread. */
export class DanmakuPainter {
  private readonly lanes = new Lanes(LANES);
  private readonly alive = new Map<string, { element: HTMLElement; animation: Animation; author: string }>();
  private isOn = true;
  private isPaused = false;
  private stillTurn = 0;
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(private readonly container: HTMLElement) {
    container.setAttribute("aria-hidden", "true"); // the chat's live region says the same, throttled
  }

  /** Let a line cross. A full stage drops lines of others, never the viewer's own. */
  show(line: DanmakuLine): void {
    if (!this.isOn || this.isPaused || document.hidden || this.alive.has(line.id)) return;
    if (this.alive.size >= MAX_ALIVE && !line.isOwn) return;
    const element = this.build(line);
    this.container.append(element);
    if (this.still.matches) this.hold(line, element);
    else this.fly(line, element);
  }

  remove(id: string): void {
    this.take(id);
  }

  removeAuthor(author: string): void {
    for (const [id, line] of this.alive) if (line.author === author) this.take(id);
  }

  clear(): void {
    for (const id of [...this.alive.keys()]) this.take(id);
    this.lanes.clear();
  }

  setOn(isOn: boolean): void {
    this.isOn = isOn;
    if (!isOn) this.clear();
  }

  /** `opacity` from 0 to 1. */
  setOpacity(opacity: number): void {
    this.container.style.setProperty("opacity", String(opacity));
  }

  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    for (const { animation } of this.alive.values()) if (isPaused) animation.pause(); else animation.play();
  }

  private build(line: DanmakuLine): HTMLElement {
    const element = document.createElement("span");
    element.className = `danmaku-line${line.isOwn ? " is-own" : ""}${line.role ? " is-staff" : ""}${line.isGhost ? " is-ghost" : ""}`;
    element.textContent = line.text;
    return element;
  }

  private fly(line: DanmakuLine, element: HTMLElement): void {
    const stageWidth = this.container.clientWidth;
    const width = element.offsetWidth;
    const choice = this.lanes.take(performance.now(), width, stageWidth, line.isOwn);
    if (!choice) {
      element.remove();
      return;
    }
    element.style.setProperty("top", `${choice.lane * LANE_PX}px`);
    const animation = element.animate([{ transform: `translateX(${stageWidth}px)` }, { transform: `translateX(${-width}px)` }], {
      duration: choice.durationMs,
      easing: "linear",
      fill: "both",
    });
    this.keep(line, element, animation);
  }

  private hold(line: DanmakuLine, element: HTMLElement): void {
    const row = this.stillTurn++ % STILL_LINES;
    for (const [id, other] of this.alive) if (other.element.dataset["row"] === String(row)) this.take(id);
    element.dataset["row"] = String(row);
    element.classList.add("is-still");
    element.style.setProperty("top", `${row * LANE_PX}px`);
    this.keep(line, element, element.animate([{ opacity: 1 }, { opacity: 1 }], { duration: STILL_MS }));
  }

  private keep(line: DanmakuLine, element: HTMLElement, animation: Animation): void {
    this.alive.set(line.id, { element, animation, author: line.author });
    animation.onfinish = () => this.take(line.id);
  }

  private take(id: string): void {
    const line = this.alive.get(id);
    if (!line) return;
    line.animation.cancel();
    line.element.remove();
    this.alive.delete(id);
  }
}
