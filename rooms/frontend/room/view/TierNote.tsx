/** How the host's line comes to this viewer, and why: in the settings, while the host is live. */
import { secondsText } from "../../show/format";
import { useRoom } from "../context";

export function TierNote() {
  const { room } = useRoom();
  if (room.scene.value !== "live") return null;
  const { tier, reason } = room.tier.value;
  const lagMs = room.lagMs.value;
  return (
    <section class="setting" aria-labelledby="tier-title">
      <p class="t-15" id="tier-title">{room.t("tier_title")}</p>
      <p>{room.t(`tier_${tier}`)}{lagMs !== null && ` · ${room.t("lag_behind", { seconds: secondsText(lagMs, room.page.language) })}`}</p>
      <p class="t-13 t-quiet">{room.t(reason === "" ? "tier_direct_text" : `tier_${reason}_text`)}</p>
      {tier === "llhls" && room.show.value.guests.length > 0 && <p class="t-13 t-quiet">{room.t("tier_guests_text")}</p>}
    </section>
  );
}
