/** How it ended: paid, too late, not known yet, or the sheet could not open. */
import { Icon, type IconName } from "@merchants/design/icons";
import { useEffect, useRef } from "preact/hooks";
import type { CheckoutFlow } from "./flow";

export function Outcome({ flow, onClose }: { flow: CheckoutFlow; onClose: () => void }) {
  const order = flow.order.value;
  const isOpenAgain = flow.step.value === "expired" || flow.step.value === "failed";
  const { icon, title, text } = wordsOf(flow);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [flow.step.value]);
  return (
    <div class={`state checkout-outcome is-${flow.step.value}`}>
      <span class="state-icon"><Icon name={icon} size={28} /></span>
      <h3 ref={heading} tabIndex={-1} class="t-20">{title}</h3>
      <p class="state-text">{text}</p>
      {order && flow.step.value === "done" && <p class="t-13 t-quiet mono">{flow.text("done_order", { number: order.number })} · {order.total.text}</p>}
      <div class="state-actions">
        {isOpenAgain && <button type="button" class="button is-primary" onClick={() => void flow.startAgain()}>{flow.text(flow.step.value === "expired" ? "start_again" : "try_again") || "↻"}</button>}
        {order && !isOpenAgain && <a class="button is-line" href={order.receipt_url} target="_blank" rel="noopener">{flow.text("receipt")}</a>}
        {!isOpenAgain && <button type="button" class="button is-primary" onClick={onClose}>{flow.text("go_on")}</button>}
      </div>
    </div>
  );
}

function wordsOf(flow: CheckoutFlow): { icon: IconName; title: string; text: string } {
  switch (flow.step.value) {
    case "done":
      return { icon: "check", title: flow.text("done_title"), text: flow.text("done_text", { email: flow.details.value.email }) };
    case "late":
      return { icon: "undo", title: flow.text("late_title"), text: flow.text("late_text") };
    case "unknown":
      return { icon: "clock", title: flow.text("unknown_title"), text: flow.text("unknown_text") };
    case "expired":
      return { icon: "clock", title: flow.text("expired_title"), text: flow.text("expired_text") };
    default:
      return { icon: "alert", title: flow.text("failed_title"), text: flow.notice.value || flow.text("failed_text") };
  }
}
