/** A part of the page that asks for its rows: while it waits, when nothing comes, when there is nothing, and what there is. */
import { callApi, type ApiError } from "@merchants/design/api";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "./page";

type Answered<Answer> = { kind: "loading" } | { kind: "failed"; message: string } | { kind: "there"; answer: Answer };

interface LoadedProps<Answer> {
  url: string;
  isEmpty: (answer: Answer) => boolean;
  emptyText?: string;
  children: (answer: Answer) => ComponentChildren;
}

export function Loaded<Answer>({ url, isEmpty, emptyText, children }: LoadedProps<Answer>) {
  const [state, setState] = useState<Answered<Answer>>({ kind: "loading" });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    setState({ kind: "loading" });
    callApi<Answer>(url, { networkText: say("offline"), signal: leaving.signal }).then(
      (answer) => setState({ kind: "there", answer }),
      (error: ApiError) => !leaving.signal.aborted && setState({ kind: "failed", message: error.message || say("offline") }),
    );
    return () => leaving.abort();
  }, [url, tries]);
  if (state.kind === "loading") return <p class="panel-empty" role="status">{say("loading")}</p>;
  if (state.kind === "failed") {
    return <p class="panel-empty" role="alert">{state.message} <button type="button" class="button is-line is-small" onClick={() => setTries(tries + 1)}>{say("again")}</button></p>;
  }
  if (isEmpty(state.answer)) return <p class="panel-empty">{emptyText ?? say("nothing")}</p>;
  return <>{children(state.answer)}</>;
}
