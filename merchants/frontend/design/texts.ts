/** Texts come translated with the page's state; `%(name)s` in them is filled here. */
export type Texts<Key extends string = string> = Readonly<Record<Key, string>>;

/** Fill `%(name)s` places; a place without a value stays visible, so that it is noticed. */
export function fill(text: string, values: Readonly<Record<string, string | number>> = {}): string {
  return text.replace(/%\((\w+)\)[sd]/g, (place, name: string) => (name in values ? String(values[name]) : place));
}

/** The page's state, written by the server as one JSON script. */
export function readState<State>(id = "state"): State {
  const source = document.getElementById(id)?.textContent;
  if (!source) throw new Error(`the page has no <script id="${id}">`);
  return JSON.parse(source) as State;
}
