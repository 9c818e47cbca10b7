/** The calculator above the plan: asks the shop's API, and writes its answer into the form. */
import { ApiError, callApi } from "@merchants/design/api";

interface Size {
  one_look: number;
  any_time: number;
}

const WAIT_MS = 250;

/** The question as the API takes it, or null for what is no share. */
export function questionOf(baselinePercent: string, liftPercent: string): string | null {
  const [baseline, lift] = [Math.round(Number(baselinePercent) * 10), Math.round(Number(liftPercent) * 10)];
  return baseline >= 1 && baseline <= 999 && lift >= 1 && lift <= 10_000 ? `?baseline_permille=${baseline}&lift_permille=${lift}` : null;
}

export function startSizer(panel: HTMLElement): void {
  const find = <E extends HTMLElement>(selector: string) => panel.querySelector<E>(selector)!;
  const [baseline, lift, take, problem] = [find<HTMLInputElement>("#sizer-baseline"), find<HTMLInputElement>("#sizer-lift"), find<HTMLButtonElement>("[data-take]"), find(".sizer-problem")];
  let size: Size | null = null;
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const ask = async () => {
    const [question, turn] = [questionOf(baseline.value, lift.value), ++asked];
    let said = "";
    let found: Size | null = null;
    try {
      if (question) found = await callApi<Size>(`${panel.dataset["url"]}${question}`, { networkText: panel.dataset["network"] ?? "" });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      said = error.message;
    }
    if (turn === asked) answer(found, said); // a later question has its own answer
  };

  function answer(found: Size | null, said: string): void {
    size = found;
    problem.textContent = said;
    take.disabled = found === null;
    for (const name of ["one_look", "any_time"] as const) find(`[data-answer="${name}"]`).textContent = found ? found[name].toLocaleString() : "–";
  }

  take.addEventListener("click", () => {
    const [units, least, method] = ["#id_planned_units", "#id_least_lift_permille", "#id_method"].map((id) => document.querySelector<HTMLInputElement | HTMLSelectElement>(id));
    if (!size || !units || !least) return;
    units.value = String(method?.value === "always" ? size.any_time : size.one_look);
    least.value = String(Math.round(Number(lift.value) * 10));
    units.focus();
  });
  panel.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), WAIT_MS);
  });
  panel.hidden = false;
  void ask();
}
