/** Hot keys of the console. They rest while a field has the keyboard. */
import type { Desk } from "./desk";
import type { Host } from "./live/host";
import type { Console } from "./model";

export function listenToKeys(model: Console, desk: Desk, host: Host): void {
  const nextCue = () => (model.room.playback.value?.cues ?? []).find((cue) => cue.at_ms > model.room.positionMs.value);
  const withCue = (deed: (cueId: string) => unknown) => () => {
    const cue = nextCue();
    if (cue) deed(cue.id);
  };
  const moves = () => model.state.value.moves;
  const deeds: Readonly<Record<string, () => unknown>> = {
    " ": () => desk.take(),
    p: () => moves().previous && desk.press("previous"),
    s: () => moves().slate && desk.press("slate"),
    b: () => moves().back && desk.press("back"),
    l: () => lookAtHost(model, host),
    a: () => auto(model, desk),
    u: () => model.room.show.value.undo && desk.press("undo"),
    f: withCue((cueId) => desk.fire(cueId)),
    x: withCue((cueId) => desk.skip(cueId)),
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || target?.closest("input, textarea, select")) return;
    if (event.key === "/") {
      event.preventDefault();
      document.getElementById("reply")?.focus();
      return;
    }
    if (!model.page.can_air) return;
    if (event.key === " " && target?.closest("button, a")) return;
    const slot = model.slots.value[Number(event.key) - 1];
    const deed = deeds[event.key.toLowerCase()];
    if (/^[1-9]$/.test(event.key) && slot?.is_ready) model.choose(slot.episode_id);
    else if (deed) void deed();
    else return;
    event.preventDefault();
  });
}

/** The host's line into the preview; what is open already stays open, and who sends from another program needs no camera here. */
function lookAtHost(model: Console, host: Host): Promise<boolean> | boolean {
  model.isHostChosen.value = true;
  return host.source.value !== null || model.state.value.live.is_heard || host.open("camera");
}

function auto(model: Console, desk: Desk): unknown {
  const { moves, live } = model.state.value;
  const isArmed = live.announced_at_ms !== null && live.announced_at_ms > model.room.nowMs.value;
  return isArmed ? desk.press("return") : moves.go_live_at_end && desk.goLive(true);
}
