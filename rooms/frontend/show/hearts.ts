/** Hearts that rise along the right edge: one for a tap of one's own, a few for the crowd's, never more than 20 at once. */

const MAX_ALIVE = 20;
const RISE_PX = 320;
const RISE_MS = 2_400;
const TINTS = 4;

export class Hearts {
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(private readonly container: HTMLElement) {
    container.setAttribute("aria-hidden", "true");
  }

  /** Let `count` hearts rise, spread over a second. */
  rise(count: number): void {
    if (this.still.matches || document.hidden) return;
    const room = MAX_ALIVE - this.container.childElementCount;
    for (let index = 0; index < Math.min(count, room); index++) this.one(index * 90);
  }

  private one(delayMs: number): void {
    const heart = document.createElement("span");
    heart.className = `heart is-${1 + Math.floor(Math.random() * TINTS)}`;
    this.container.append(heart);
    const sway = (Math.random() - 0.5) * 48;
    const size = 0.7 + Math.random() * 0.6;
    const animation = heart.animate(
      [
        { transform: `translate(0, 0) scale(${size * 0.5})`, opacity: 0 },
        { transform: `translate(${sway * 0.3}px, ${-RISE_PX * 0.12}px) scale(${size})`, opacity: 1, offset: 0.12 },
        { transform: `translate(${sway}px, ${-RISE_PX}px) scale(${size * 0.8})`, opacity: 0 },
      ],
      { duration: RISE_MS, delay: delayMs, easing: "cubic-bezier(.3, .6, .6, 1)", fill: "both" },
    );
    animation.onfinish = () => heart.remove();
  }
}
