/** A button that acts only when it is held: for what cannot be explained away on air. Mouse, touch and keyboard alike. */
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

interface HoldProps {
  onHeld: () => void;
  holdMs?: number;
  class?: string;
  disabled?: boolean;
  /** Said after a short press: that it must be held. */
  hint: string;
  children: ComponentChildren;
}

const HINT_MS = 2_500;

export function Hold({ onHeld, holdMs = 1_200, class: extra = "", disabled = false, hint, children }: HoldProps) {
  const [isHeld, setHeld] = useState(false);
  const [showsHint, setHint] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const begin = () => {
    if (disabled || timer.current) return;
    setHeld(true);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setHeld(false);
      onHeld();
    }, holdMs);
  };
  const leave = () => {
    if (!timer.current) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    setHeld(false);
    setHint(true);
    setTimeout(() => setHint(false), HINT_MS);
  };
  const isHoldKey = (event: KeyboardEvent) => event.key === "Enter" || event.key === " ";
  return (
    <button
      type="button"
      class={`hold ${extra}${isHeld ? " is-held" : ""}`}
      disabled={disabled}
      onPointerDown={begin}
      onPointerUp={leave}
      onPointerLeave={leave}
      onPointerCancel={leave}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isHoldKey(event)) return;
        event.preventDefault();
        event.stopPropagation();
        if (!event.repeat) begin();
      }}
      onKeyUp={(event) => isHoldKey(event) && leave()}
      onBlur={leave}
    >
      <span class="hold-fill" aria-hidden="true" />
      <span class="hold-text" aria-live="polite">{showsHint ? hint : children}</span>
    </button>
  );
}
