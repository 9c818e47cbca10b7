/** The one sheet that is open. */
import { CheckoutSheet } from "@commerce/checkout/sheet";
import { useMemo } from "preact/hooks";
import { attributionOf } from "../../show/attribution";
import { ProductSheet } from "../../show/ProductParts";
import { SettingsSheet } from "../../show/SettingsSheet";
import { ShareSheet } from "../../show/ShareSheet";
import { useRoom } from "../context";
import type { Buying } from "../model";
import { EpisodesSheet } from "./Episodes";
import { BagSheet } from "./Products";
import { Nickname } from "./Nickname";
import { Price } from "./Price";
import { StageSheet } from "./StageSheet";
import { TierNote } from "./TierNote";

export function SheetLayer() {
  const { room, acts } = useRoom();
  const buying = room.buying.value;
  const product = buying && room.product(buying.productId);
  const cardOf = (productId: string) => (room.card.value?.productId === productId ? room.card.value : null);
  switch (room.sheet.value) {
    case "bag":
      return <BagSheet />;
    case "episodes":
      return <EpisodesSheet />;
    case "settings":
      return (
        <SettingsSheet page={room.page} t={room.t} tracks={room.playback.value?.captions ?? []} onClose={acts.closeSheet}>
          <TierNote />
          {room.page.viewer.is_guest && <Nickname />}
        </SettingsSheet>
      );
    case "share":
      return <ShareSheet path={room.page.urls.room} t={room.t} onClose={acts.closeSheet} />;
    case "product":
      return product ? <ProductSheet key={product.id} product={product} t={room.t} onClose={acts.closeSheet} price={(variant) => <Price variant={variant} />} onBuy={(variantId) => acts.buy(product.id, variantId, cardOf(product.id))} /> : null;
    case "checkout":
      return buying ? <Checkout key={buying.variantId} buying={buying} /> : null;
    case "stage":
      return <StageSheet />;
    default:
      return null;
  }
}

/** The order remembers the second of the story at which its buyer tapped. */
function Checkout({ buying }: { buying: Buying }) {
  const { room, acts, picture } = useRoom();
  const attribution = useMemo(() => {
    const seq = buying.card?.programSeq ?? room.entry.value?.seq ?? 0;
    const positionMs = buying.card && buying.card.programSeq !== room.entry.value?.seq ? buying.card.positionMs : room.positionMs.value;
    return attributionOf(room.page.urls.attribution, { program_seq: seq, position_ms: positionMs, cue_id: buying.card?.cueId ?? null });
  }, [buying]);
  return (
    <CheckoutSheet
      variantId={buying.variantId}
      attribution={attribution}
      title={room.t("checkout")}
      closeLabel={room.t("close")}
      onClose={acts.closeSheet}
      onPaid={() => void picture.unlocked()}
    />
  );
}
