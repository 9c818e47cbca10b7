/** The goods are held: card, bank's page, pay. */
import { Icon } from "@merchants/design/icons";
import { Ring } from "@merchants/design/ring";
import { useEffect, useRef } from "preact/hooks";
import { Item, Notice, Total } from "./Details";
import type { CheckoutFlow } from "./flow";

const SPOKEN_S = [60, 30, 10];

export function Payment({ flow }: { flow: CheckoutFlow }) {
  const fields = useRef<HTMLDivElement>(null);
  const { session_id: sessionId } = flow.payment.value ?? {};
  useEffect(() => {
    if (fields.current) void flow.openDriver(fields.current);
    return () => flow.closeDriver();
  }, [sessionId]);
  const challenge = flow.challengeUrl.value;
  return (
    <form
      id="checkout-payment"
      class="checkout-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void flow.pay();
      }}
    >
      {challenge === null && <Item flow={flow} />}
      <div ref={fields} hidden={challenge !== null} class="checkout-fields" />
      {challenge && (
        <div class="checkout-challenge">
          <p class="t-15">{flow.text("challenge_title")}</p>
          <iframe title={flow.text("challenge_frame")} src={challenge} />
        </div>
      )}
    </form>
  );
}

export function PaymentFoot({ flow }: { flow: CheckoutFlow }) {
  const busy = flow.busy.value;
  return (
    <div class="checkout-foot">
      <Notice flow={flow} />
      <Total flow={flow} />
      <button type="submit" form="checkout-payment" class="button is-white is-tall is-wide" disabled={busy !== ""}>
        {busy ? flow.text(busy) : <><Icon name="bolt" />{flow.text("pay", { total: flow.totalText.value })}</>}
      </button>
    </div>
  );
}

/** How long the goods stay held. Spoken at 60, 30 and 10 seconds only. */
export function HeldRing({ flow }: { flow: CheckoutFlow }) {
  const seconds = Math.ceil(flow.leftMs.value / 1000);
  const total = flow.offer.value?.hold_ttl_s ?? 300;
  const spoken = SPOKEN_S.includes(seconds) ? flow.text("held_left", { seconds }) : "";
  return (
    <span class="checkout-held">
      <span class="t-13 checkout-held-text" aria-hidden="true">{flow.text("held")}</span>
      <Ring share={seconds / total} size={40} tone={seconds <= 60 ? "is-gold" : "is-ok"}>
        <span class="t-12" role="timer" aria-label={flow.text("held")}>{`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`}</span>
      </Ring>
      <span class="unseen" aria-live="assertive">{spoken}</span>
    </span>
  );
}
