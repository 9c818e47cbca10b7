/** What stands behind a lying picture: the same picture, soft and dark, a few times a second.
 *
 * Soft because it is small and drawn large twice, not by a CSS blur: that would be computed anew for the whole screen with every frame
 * of the video in front of it.
 */

const EVERY_MS = 400;
const TINY = { width: 16, height: 9 };
const SMALL = { width: 64, height: 36 };
const SHADE = "rgb(0 0 0 / 40%)";

export class Backdrop {
  readonly element = makeCanvas(SMALL);
  private readonly tiny = makeCanvas(TINY);
  private paintedAt = 0;

  constructor() {
    this.element.className = "stage-backdrop";
    this.element.setAttribute("aria-hidden", "true");
  }

  /** `now`: the time of the frame that stands in `video`, in milliseconds; the next ones are left out for a while. */
  paint(video: HTMLVideoElement, now: number): void {
    if (now - this.paintedAt < EVERY_MS) return;
    this.paintedAt = now;
    const pen = this.element.getContext("2d", { alpha: false });
    if (!pen) return;
    this.tiny.getContext("2d", { alpha: false })?.drawImage(video, 0, 0, TINY.width, TINY.height);
    pen.drawImage(this.tiny, 0, 0, SMALL.width, SMALL.height);
    pen.fillStyle = SHADE;
    pen.fillRect(0, 0, SMALL.width, SMALL.height);
  }
}

function makeCanvas(size: { width: number; height: number }): HTMLCanvasElement {
  return Object.assign(document.createElement("canvas"), size);
}
