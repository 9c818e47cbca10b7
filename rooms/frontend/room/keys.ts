/** Hot keys of the room: space, M, C, D, slash. They rest while a field or a sheet has the keyboard. */
import { focusComposer } from "./view/App";
import type { Acts } from "./context";

export function listenToKeys(acts: Acts): void {
  const deeds: Readonly<Record<string, () => void>> = {
    " ": acts.togglePause,
    m: acts.toggleSound,
    c: acts.toggleCaptions,
    d: acts.toggleDanmaku,
    "/": focusComposer,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (target?.closest("input, textarea, select, [role=dialog], [contenteditable]")) return;
    if (event.key === " " && target?.closest("button, a, label, [role=tab]")) return; // space presses what has the focus
    const deed = deeds[event.key.toLowerCase()];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
}
