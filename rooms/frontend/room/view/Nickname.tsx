/** A guest may choose the name that stands beside what they write. */
import { ApiError } from "@merchants/design/api";
import { Icon } from "@merchants/design/icons";
import { useState } from "preact/hooks";
import { useRoom } from "../context";

const LONGEST = 24;

export function Nickname() {
  const { room, acts } = useRoom();
  const [name, setName] = useState(room.nickname.value);
  const [error, setError] = useState("");
  const [isSaving, setSaving] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    setSaving(true);
    try {
      await acts.rename(name.trim());
      setError("");
    } catch (refusal) {
      if (!(refusal instanceof ApiError)) throw refusal;
      setError(refusal.message);
    } finally {
      setSaving(false);
    }
  };
  return (
    <form class="setting nickname" onSubmit={submit}>
      <label class="field-label" for="nickname">{room.t("nickname")}</label>
      <div class="nickname-row">
        <input id="nickname" class="field-box" value={name} maxLength={LONGEST} autocomplete="nickname" onInput={(event) => setName(event.currentTarget.value)} aria-invalid={error ? "true" : undefined} aria-describedby="nickname-error" />
        <button class="button is-quiet" disabled={isSaving || !name.trim() || name.trim() === room.nickname.value}>{room.t("save")}</button>
      </div>
      <p id="nickname-error" role="alert">{error && <span class="field-error"><Icon name="alert" size={16} />{error}</span>}</p>
    </form>
  );
}
