/** The season player's page. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Watch } from "./model";
import { loadState } from "./state";
import { Drawer, View } from "./View";

const SEEK_STEP_MS = 5_000;

function press(event: KeyboardEvent, watch: Watch): void {
  const isControl = (event.target as Element).closest("input, select, textarea, [role=dialog]") !== null;
  if (isControl || event.ctrlKey || event.metaKey || event.altKey) return;
  const acts: Record<string, () => void> = {
    m: () => watch.toggleSound(),
    n: () => watch.next.value && void watch.open({ episode_id: watch.next.value.id, position_ms: 0 }),
    arrowleft: () => watch.seek(watch.positionMs.value - SEEK_STEP_MS),
    arrowright: () => watch.seek(watch.positionMs.value + SEEK_STEP_MS),
    escape: () => (watch.isDrawerOpen.value = false),
  };
  const isOnButton = (event.target as Element).closest("button, a") !== null;
  if (event.key === " " && !isOnButton) watch.toggle();
  else if (acts[event.key.toLowerCase()]) acts[event.key.toLowerCase()]!();
  else return;
  event.preventDefault();
}

function buy(watch: Watch, variantId: string, onPaid: () => void): void {
  void import("@commerce/checkout/sheet").then(({ openCheckout }) => {
    watch.stage.volume = 0.25;
    const close = openCheckout({
      variantId,
      attribution: watch.state.attribution,
      closeLabel: watch.state.texts["close"]!,
      onPaid,
      onClose: () => {
        watch.stage.volume = 1;
        close();
      },
    });
  });
}

function Page({ watch }: { watch: Watch }) {
  const isOpen = watch.isDrawerOpen.value;
  useEffect(() => {
    document.getElementById("episodes")!.classList.toggle("is-open", isOpen);
  }, [isOpen]);
  return <View watch={watch} onBuy={(variantId, onPaid) => buy(watch, variantId, onPaid)} />;
}

function Season({ watch }: { watch: Watch }) {
  const [, redraw] = useState(0);
  useEffect(() => watch.playback.subscribe(() => redraw((count) => count + 1)), [watch]);
  return <Drawer watch={watch} />;
}

const watch = new Watch(loadState(), document.getElementById("stage")!);
document.addEventListener("keydown", (event) => press(event, watch));
requestAnimationFrame(function frame() {
  watch.tick();
  requestAnimationFrame(frame);
});
render(<Page watch={watch} />, document.getElementById("over")!);
render(<Season watch={watch} />, document.getElementById("episodes")!);
void watch.begin();
// For the shop's own measurements and the browser tests: what playback was like so far.
Object.assign(globalThis, { playerStats: () => watch.stage.stats() });
