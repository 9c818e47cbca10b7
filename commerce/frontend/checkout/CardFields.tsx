/** Number, expiry and code of a card, for the sandbox; the real Stripe draws its own. */
import type { Texts } from "@merchants/design/texts";
import { useEffect, useRef, useState } from "preact/hooks";
import { type CardField, formatExpiry, formatNumber } from "./card";

interface CardFieldsProps {
  texts: Texts;
  wrong: CardField | null;
  isTest: boolean;
  onInput: (field: CardField, text: string) => void;
}

export function CardFields({ texts, wrong, isTest, onInput }: CardFieldsProps) {
  return (
    <fieldset class="card-fields">
      <legend class="unseen">{texts.card_title}</legend>
      <Entry field="number" label={texts.card_number} error={wrong === "number" ? texts.number_wrong : ""} format={formatNumber} autocomplete="cc-number" onInput={onInput} />
      <div class="card-pair">
        <Entry field="expiry" label={texts.card_expiry} error={wrong === "expiry" ? texts.expiry_wrong : ""} format={formatExpiry} autocomplete="cc-exp" onInput={onInput} />
        <Entry field="cvc" label={texts.card_cvc} error={wrong === "cvc" ? texts.cvc_wrong : ""} format={(text) => text.replace(/\D/g, "").slice(0, 4)} autocomplete="cc-csc" onInput={onInput} />
      </div>
      {isTest && <p class="t-12 t-faint">{texts.test_hint}</p>}
    </fieldset>
  );
}

interface EntryProps {
  field: CardField;
  label: string | undefined;
  error: string | undefined;
  autocomplete: AutoFill;
  format: (text: string) => string;
  onInput: (field: CardField, text: string) => void;
}

function Entry({ field, label, error, autocomplete, format, onInput }: EntryProps) {
  const [text, setText] = useState("");
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (error) box.current?.focus();
  }, [error]);
  const id = `checkout-card-${field}`;
  return (
    <div class="field is-inside">
      <label class="field-label" for={id}>{label}</label>
      <input
        ref={box}
        id={id}
        class="field-box"
        inputMode="numeric"
        autocomplete={autocomplete}
        value={text}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        onInput={(event) => {
          const input = event.currentTarget;
          const isDeleting = input.value.length < text.length;
          const next = isDeleting ? input.value : format(input.value);
          input.value = next;
          setText(next);
          onInput(field, next);
        }}
      />
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}
