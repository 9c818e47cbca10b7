/** The kept reports of the room: how many, computed anew on demand, with progress, called off by a button. */
import { callApi, type ApiError } from "@merchants/design/api";
import { fill } from "@merchants/design/texts";
import { useEffect, useState } from "preact/hooks";
import { page, say } from "./page";

interface Run {
  id: string;
  state: "waiting" | "working" | "done" | "cancelled" | "failed";
  permille: number;
}

const EVERY_MS = 1_000;
const url = `/api/v1/insights/rooms/${page.room_id}/runs/`;
const isOpen = (run: Run | null): boolean => run?.state === "waiting" || run?.state === "working";

export function Runs() {
  const [found, setFound] = useState<{ run: Run | null; kept: unknown[] } | null>(null);
  const [message, setMessage] = useState("");
  const run = found?.run ?? null;
  const act = async (path: string, method: string) => {
    try {
      if (method === "POST") await callApi(path, { method, networkText: say("offline") });
      setFound(await callApi(url, { networkText: say("offline") }));
      setMessage("");
    } catch (error) {
      setMessage((error as ApiError).message || say("offline"));
    }
  };
  useEffect(() => void act(url, "GET"), []);
  useEffect(() => {
    if (!isOpen(run)) return;
    const timer = setTimeout(() => void act(url, "GET"), EVERY_MS);
    return () => clearTimeout(timer);
  }, [found]);
  return (
    <p class="runs" role="status">
      {fill(say("kept"), { count: found?.kept.length ?? 0 })}
      {run && <> · {fill(say(`run_${run.state}`), { percent: Math.round(run.permille / 10) })}</>}
      {isOpen(run) && run ? (
        <><progress max={1000} value={run.permille} aria-label={say("compute")} /><button type="button" class="button is-line is-small" onClick={() => void act(`/api/v1/insights/runs/${run.id}/cancel/`, "POST")}>{say("call_off")}</button></>
      ) : (
        <button type="button" class="button is-line is-small" onClick={() => void act(url, "POST")}>{say("compute")}</button>
      )}
      {message && <span class="field-error" role="alert">{message}</span>}
    </p>
  );
}
