/** A sheet that rises over the picture: a modal dialog on phones, a centred card on wide screens. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";

interface SheetProps {
  title: string;
  /** Spoken name of the button that closes it. */
  closeLabel: string;
  onClose: () => void;
  children: ComponentChildren;
  /** Stays below the scrolling body. */
  foot?: ComponentChildren;
  /** Stands between the title and the close button. */
  aside?: ComponentChildren;
  /** `short` grows with its content, `full` may cover most of the screen. */
  height?: "short" | "half" | "full";
}

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex="0"]';

/** Keeps the keyboard inside while it is open and gives the focus back to where it was. Escape closes. */
export function Sheet({ title, closeLabel, onClose, children, foot, aside, height = "half" }: SheetProps) {
  const panel = useRef<HTMLDivElement>(null);
  const titleId = useId();
  useFocusInside(panel);
  useLayoutEffect(() => {
    // A focused button that is disabled leaves the focus to nobody: its keys still belong to the sheet.
    const onLostKey = (event: KeyboardEvent) => {
      if (event.target !== document.body) return;
      onKeyDown(event);
      if (event.key === "Tab") panel.current?.focus({ preventScroll: true });
    };
    document.addEventListener("keydown", onLostKey, true);
    return () => document.removeEventListener("keydown", onLostKey, true);
  });

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation(); // the page's hot keys rest while a sheet is open
    if (event.key === "Escape") onClose();
    else if (event.key === "Tab" && panel.current) keepTabInside(event, panel.current);
  };

  return (
    <div class="sheet-layer" onKeyDown={onKeyDown}>
      <button type="button" class="sheet-away" tabIndex={-1} aria-hidden="true" onClick={onClose} />
      <div ref={panel} class={`sheet is-${height}`} role="dialog" aria-modal="true" aria-labelledby={titleId} tabIndex={-1}>
        <span class="sheet-grip" aria-hidden="true" />
        <header class="sheet-head">
          <h2 id={titleId} class="sheet-title">{title}</h2>
          {aside}
          <button type="button" class="icon-button" aria-label={closeLabel} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <div class="sheet-body">{children}</div>
        {foot && <footer class="sheet-foot">{foot}</footer>}
      </div>
    </div>
  );
}

function useFocusInside(panel: { current: HTMLDivElement | null }): void {
  useLayoutEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
}

function keepTabInside(event: KeyboardEvent, panel: HTMLElement): void {
  const stops = [...panel.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((element) => element.tabIndex >= 0 && element.offsetParent !== null);
  const first = stops[0];
  const last = stops.at(-1);
  if (!first || !last) return;
  const active = document.activeElement;
  if (event.shiftKey && (active === first || active === panel)) {
    last.focus();
    event.preventDefault();
  } else if (!event.shiftKey && active === last) {
    first.focus();
    event.preventDefault();
  }
}
