/** A ring that empties: stock, a hold, a countdown. The number inside says the same in words. */
import type { ComponentChildren } from "preact";

interface RingProps {
  /** 0 to 1. */
  share: number;
  size: number;
  stroke?: number;
  /** A modifier of the colour: `is-gold`, `is-ok`, `is-accent`. */
  tone?: string;
  children?: ComponentChildren;
}

export function Ring({ share, size, stroke = 4, tone = "is-gold", children }: RingProps) {
  const radius = (size - stroke) / 2;
  const length = 2 * Math.PI * radius;
  return (
    <span class={`ring ${tone}`}>
      <svg width={size} height={size} viewBox={`0 0 ${size} ${size}`} aria-hidden="true">
        <circle class="ring-track" cx={size / 2} cy={size / 2} r={radius} stroke-width={stroke} />
        <circle
          class="ring-share"
          cx={size / 2}
          cy={size / 2}
          r={radius}
          stroke-width={stroke}
          stroke-dasharray={length}
          stroke-dashoffset={length * (1 - Math.max(0, Math.min(1, share)))}
          transform={`rotate(-90 ${size / 2} ${size / 2})`}
        />
      </svg>
      <span class="ring-text">{children}</span>
    </span>
  );
}
