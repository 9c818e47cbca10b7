/**
 * The payment sheet over the playing picture.
 *
 * In a Preact page: `<CheckoutSheet variantId=… attribution=… onClose=… onPaid=… />`. Elsewhere: `openCheckout({…})`.
 * It fetches its offer, texts and style itself, so that any page of the shop can open it.
 */
import { Icon } from "@merchants/design/icons";
import { Sheet } from "@merchants/design/sheet";
import { render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { CheckoutFlow, type FlowOptions } from "./flow";
import { Details, DetailsFoot } from "./Details";
import { HeldRing, Payment, PaymentFoot } from "./Payment";
import { Outcome } from "./Outcome";

export type { Order } from "./types";

export interface CheckoutProps extends Pick<FlowOptions, "variantId" | "quantity" | "attribution" | "onPaid"> {
  onClose: () => void;
  /** Shown until the offer has arrived, in the reader's language. */
  title?: string;
  closeLabel?: string;
}

const STYLE = "/static/dist/commerce/checkout.style.css";
const TICK_MS = 250;

export function CheckoutSheet({ onClose, title, closeLabel, ...options }: CheckoutProps) {
  const flow = useMemo(() => new CheckoutFlow(options), [options.variantId]);
  useEffect(() => {
    ensureStyle();
    void flow.start();
    const timer = setInterval(() => flow.tick(Date.now()), TICK_MS);
    return () => {
      clearInterval(timer);
      flow.leaveSheet();
    };
  }, [flow]);

  const step = flow.step.value;
  const isHeld = step === "payment";
  const aside = (
    <>
      {flow.offer.value?.is_test && <span class="badge is-gold"><Icon name="alert" size={14} />{flow.text("test_payments")}</span>}
      {isHeld && <HeldRing flow={flow} />}
    </>
  );
  return (
    <Sheet title={flow.text("title") || title || ""} closeLabel={flow.text("close") || closeLabel || "×"} onClose={onClose} aside={aside} foot={footOf(flow)} height="full">
      {step === "loading" && <Bones />}
      {step === "details" && <Details flow={flow} />}
      {step === "payment" && <Payment flow={flow} />}
      {!["loading", "details", "payment"].includes(step) && <Outcome flow={flow} onClose={onClose} />}
    </Sheet>
  );
}

function footOf(flow: CheckoutFlow) {
  if (flow.step.value === "details") return <DetailsFoot flow={flow} />;
  return flow.step.value === "payment" ? <PaymentFoot flow={flow} /> : undefined;
}

function Bones() {
  return (
    <div class="checkout-bones" aria-busy="true">
      <div class="bones is-item" />
      <div class="bones is-field" />
      <div class="bones is-field" />
    </div>
  );
}

/** Open the sheet on a page without Preact. Returns how to close it. */
export function openCheckout(props: CheckoutProps): () => void {
  const place = document.createElement("div");
  document.body.append(place);
  const close = () => {
    render(null, place);
    place.remove();
  };
  render(
    <CheckoutSheet
      {...props}
      onClose={() => {
        close();
        props.onClose();
      }}
    />,
    place,
  );
  return close;
}

function ensureStyle(): void {
  if (document.querySelector(`link[href="${STYLE}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: STYLE }));
}
