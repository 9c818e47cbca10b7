/** Share where the browser has no sheet of its own: the address, and a code to point a phone at. */
import { Icon } from "@merchants/design/icons";
import { Sheet } from "@merchants/design/sheet";
import { useState } from "preact/hooks";
import qrcode from "qrcode-generator";
import type { Translate } from "./ProductParts";

const QUIET_MODULES = 2;

export function ShareSheet({ path, t, onClose }: { path: string; t: Translate; onClose: () => void }) {
  const [isCopied, setCopied] = useState(false);
  const address = new URL(path, location.href).href;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address);
      setCopied(true);
    } catch {
      document.querySelector<HTMLInputElement>("#share-address")?.select(); // no permission: the reader copies by hand
    }
  };
  return (
    <Sheet title={t("share")} closeLabel={t("close")} onClose={onClose} height="short">
      <div class="share">
        <QrCode text={address} label={t("share_code")} />
        <label class="field share-field">
          <span class="field-label">{t("share_address")}</span>
          <input id="share-address" class="field-box" readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
        </label>
        <button type="button" class="button is-primary is-wide" onClick={copy}>
          <Icon name={isCopied ? "check" : "copy"} />
          <span aria-live="polite">{isCopied ? t("copied") : t("copy_address")}</span>
        </button>
      </div>
    </Sheet>
  );
}

function QrCode({ text, label }: { text: string; label: string }) {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const size = count + QUIET_MODULES * 2;
  let path = "";
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) if (code.isDark(row, column)) path += `M${column + QUIET_MODULES} ${row + QUIET_MODULES}h1v1h-1z`;
  }
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} class="qr-ground" />
      <path d={path} class="qr-dark" />
    </svg>
  );
}
