/** A paid episode: the teaser plays behind, and the price stands before the button. */
import { useRoom } from "../context";

export function UnlockPanel() {
  const { room, acts } = useRoom();
  const playback = room.playback.value;
  if (room.scene.value !== "teaser" || !playback) return null;
  const { unlock, number } = playback;
  return (
    <section class="unlock" aria-label={room.t("unlock_title", { number })}>
      <h2 class="t-24">{room.t("unlock_title", { number })}</h2>
      {unlock ? (
        <>
          <div class="offer is-chosen">
            <span class="offer-text">
              <span class="t-15">{unlock.title}</span>
              <span class="t-13 t-quiet">{room.t("unlock_keeps")}</span>
            </span>
            <span class="t-17">{unlock.price.text}</span>
          </div>
          <button type="button" class="button is-primary is-tall is-wide" onClick={() => acts.buy(unlock.product_id, unlock.variant_id, null)}>
            {room.t("unlock_for", { price: unlock.price.text })}
          </button>
        </>
      ) : (
        <p class="t-quiet">{room.t("not_for_sale")}</p>
      )}
    </section>
  );
}
