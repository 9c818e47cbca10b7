/** The replay's sheets: product, checkout, settings, share. */
import { CheckoutSheet } from "@commerce/checkout/sheet";
import { useMemo } from "preact/hooks";
import { attributionOf } from "../show/attribution";
import { ProductSheet } from "../show/ProductParts";
import { SettingsSheet } from "../show/SettingsSheet";
import { ShareSheet } from "../show/ShareSheet";
import { useReplay } from "./context";

export function Sheets() {
  const { replay } = useReplay();
  const buying = replay.buying.value;
  const close = () => {
    replay.sheet.value = null;
  };
  switch (replay.sheet.value) {
    case "product": {
      const product = buying && replay.product(buying.productId);
      const buy = (variantId: string) => {
        if (!buying) return;
        replay.buying.value = { ...buying, variantId };
        replay.sheet.value = "checkout";
      };
      return product ? <ProductSheet key={product.id} product={product} t={replay.t} onClose={close} onBuy={buy} /> : null;
    }
    case "checkout":
      return <Checkout onClose={close} />;
    case "settings":
      return <SettingsSheet page={replay.page} t={replay.t} tracks={replay.playback.value?.captions ?? []} onClose={close} />;
    case "share":
      return <ShareSheet path={replay.page.urls.replay} t={replay.t} onClose={close} />;
    default:
      return null;
  }
}

function Checkout({ onClose }: { onClose: () => void }) {
  const { replay, reel } = useReplay();
  const buying = replay.buying.value;
  const attribution = useMemo(() => {
    const stretch = replay.stretch.value;
    const positionMs = stretch ? stretch.from_ms + replay.atMs.value - stretch.at_ms : 0;
    return attributionOf(replay.page.urls.attribution, { program_seq: stretch?.seq ?? 0, position_ms: positionMs, cue_id: buying?.moment?.cue_id ?? null });
  }, [buying]);
  if (!buying) return null;
  const paid = () => {
    if (replay.playback.value?.is_locked) void reel.refresh();
  };
  return <CheckoutSheet variantId={buying.variantId} attribution={attribution} title={replay.t("checkout")} closeLabel={replay.t("close")} onClose={onClose} onPaid={paid} />;
}
