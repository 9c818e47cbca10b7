/** Before anything is held: what, how many, where to. */
import { Icon } from "@merchants/design/icons";
import type { CheckoutFlow, DetailField } from "./flow";

export function Details({ flow }: { flow: CheckoutFlow }) {
  const offer = flow.offer.value;
  const variant = flow.variant.value;
  if (!offer || !variant) return null;
  return (
    <form
      id="checkout-details"
      class="checkout-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void flow.hold();
      }}
    >
      <Item flow={flow} />
      {offer.product.variants.length > 1 && <Variants flow={flow} />}
      <Quantity flow={flow} />
      <Field flow={flow} field="email" autocomplete="email" />
      {offer.product.ships && (
        <>
          <Field flow={flow} field="ship_name" autocomplete="name" />
          <Field flow={flow} field="ship_address" autocomplete="street-address" />
        </>
      )}
    </form>
  );
}

export function DetailsFoot({ flow }: { flow: CheckoutFlow }) {
  const isOut = flow.variant.value?.available === 0;
  return (
    <div class="checkout-foot">
      <Notice flow={flow} />
      <Total flow={flow} />
      <button type="submit" form="checkout-details" class="button is-white is-tall is-wide" disabled={isOut || flow.busy.value !== ""}>
        {isOut ? flow.text("sold_out") : flow.busy.value ? flow.text("holding") : flow.text("continue", { total: flow.totalText.value })}
      </button>
    </div>
  );
}

/** The article in one line: picture, name, price. */
export function Item({ flow }: { flow: CheckoutFlow }) {
  const offer = flow.offer.value;
  const variant = flow.variant.value;
  if (!offer || !variant) return null;
  const { product } = offer;
  return (
    <div class="checkout-item">
      <span class="checkout-picture">{product.image_url ? <img src={product.image_url} alt="" width={48} height={48} /> : <Icon name="box" size={24} />}</span>
      <span class="checkout-name">
        <b class="t-15">{product.title}</b>
        <span class="t-13 t-quiet">{[variant.title, flow.order.value ? flow.text("qty", { count: flow.quantity.value }) : product.subtitle].filter(Boolean).join(" · ")}</span>
      </span>
      <span class="t-15">{variant.price.text}</span>
    </div>
  );
}

export function Total({ flow }: { flow: CheckoutFlow }) {
  return (
    <div class="checkout-total">
      <span>
        <span class="t-15">{flow.text("total")}</span>
        {flow.offer.value?.product.ships && <span class="t-12 t-quiet"> · {flow.text("delivery_included")}</span>}
      </span>
      <b class="t-20">{flow.totalText.value}</b>
    </div>
  );
}

export function Notice({ flow }: { flow: CheckoutFlow }) {
  return (
    <p class="checkout-notice" role="alert">
      {flow.notice.value && (
        <>
          <Icon name="alert" size={18} />
          {flow.notice.value}
        </>
      )}
    </p>
  );
}

function Variants({ flow }: { flow: CheckoutFlow }) {
  return (
    <fieldset class="checkout-variants">
      <legend class="t-13 t-quiet">{flow.text("variant")}</legend>
      {flow.offer.value?.product.variants.map((one) => (
        <label key={one.id} class={one.id === flow.variantId.value ? "checkout-variant is-chosen" : "checkout-variant"}>
          <input type="radio" name="checkout-variant" class="unseen" value={one.id} checked={one.id === flow.variantId.value} disabled={one.available === 0} onChange={() => flow.choose(one.id)} />
          <span class="t-15">{one.title || flow.offer.value?.product.title}</span>
          <span class="t-13 t-quiet">{one.available === 0 ? flow.text("sold_out") : one.price.text}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Quantity({ flow }: { flow: CheckoutFlow }) {
  const variant = flow.variant.value;
  if (!variant?.is_limited) return null;
  const count = flow.quantity.value;
  const most = Math.min(flow.offer.value?.most ?? 1, variant.available);
  return (
    <div class="checkout-quantity" role="group" aria-label={flow.text("quantity")}>
      <span class="t-15">{flow.text("quantity")}{variant.available > 0 && variant.available < 6 && <span class="t-13 t-quiet"> · {flow.text("only_left", { count: variant.available })}</span>}</span>
      <span class="checkout-stepper">
        <button type="button" class="icon-button" aria-label={flow.text("less")} disabled={count <= 1} onClick={() => flow.setQuantity(count - 1)}><Icon name="minus" /></button>
        <output aria-live="polite">{count}</output>
        <button type="button" class="icon-button" aria-label={flow.text("more")} disabled={count >= most} onClick={() => flow.setQuantity(count + 1)}><Icon name="plus" /></button>
      </span>
    </div>
  );
}

interface FieldProps {
  flow: CheckoutFlow;
  field: DetailField;
  autocomplete: AutoFill;
}

function Field({ flow, field, autocomplete }: FieldProps) {
  const error = flow.errors.value[field];
  const id = `checkout-${field}`;
  return (
    <div class="field is-inside">
      <label class="field-label" for={id}>{flow.text(field)}</label>
      <input
        id={id}
        class="field-box"
        inputMode={field === "email" ? "email" : "text"}
        autocomplete={autocomplete}
        maxLength={field === "ship_address" ? 400 : field === "ship_name" ? 120 : 254}
        value={flow.details.value[field]}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        onInput={(event) => flow.setDetail(field, event.currentTarget.value)}
      />
      {error && <p class="field-error" id={`${id}-error`} role="alert">{error}</p>}
    </div>
  );
}
