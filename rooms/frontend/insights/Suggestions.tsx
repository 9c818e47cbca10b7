/** What stands out in the room's episodes, each to be tried out by one click. */
import { callApi, type ApiError } from "@merchants/design/api";
import { useState } from "preact/hooks";
import { Loaded } from "./Loaded";
import { page, say } from "./page";
import type { PlotEpisode } from "./retention";

interface Moment {
  signal: string;
  begin_s: number;
  cue_id: string;
  what: string;
  doubt: string;
}

type Draft = { kind: "none" } | { kind: "asking" } | { kind: "made"; url: string } | { kind: "refused"; message: string };

export function Suggestions({ episodes }: { episodes: readonly PlotEpisode[] }) {
  const [chosen, choose] = useState(episodes[0]?.id ?? "");
  if (!chosen) return <p class="panel-empty">{say("no_moments")}</p>;
  return (
    <>
      <label class="suggestions-pick">{say("episode")} <select class="field-box" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>{episodes.map((one) => <option key={one.id} value={one.id}>{one.number}. {one.title}</option>)}</select></label>
      <Loaded<{ rows: Moment[] }> url={reportUrlOf(chosen)} isEmpty={({ rows }) => rows.length === 0} emptyText={say("no_moments")}>
        {({ rows }) => <ul class="suggestions">{rows.map((row) => <Suggestion key={`${chosen}-${row.signal}-${row.begin_s}`} moment={row} episodeId={chosen} />)}</ul>}
      </Loaded>
    </>
  );
}

/** Days do not narrow it: it takes many viewers until a second stands out. */
const reportUrlOf = (episodeId: string): string => `/api/v1/insights/moments/?${new URLSearchParams({ episode_id: episodeId, room_id: page.room_id })}`;

function Suggestion({ moment, episodeId }: { moment: Moment; episodeId: string }) {
  const [draft, setDraft] = useState<Draft>({ kind: "none" });
  const test = async () => {
    setDraft({ kind: "asking" });
    try {
      const body = { signal: moment.signal, begin_s: moment.begin_s, seen_in: page.room_id, try_in: page.room_id };
      const { url } = await callApi<{ url: string }>(`/api/v1/insights/episodes/${episodeId}/tests/`, { body, networkText: say("offline") });
      setDraft({ kind: "made", url });
    } catch (error) {
      setDraft({ kind: "refused", message: (error as ApiError).message || say("offline") });
    }
  };
  return (
    <li>
      <p><b>{moment.what}</b><small>{moment.doubt}</small>{draft.kind === "refused" && <span class="field-error" role="alert">{draft.message}</span>}</p>
      {draft.kind === "made" ? <a class="button is-line is-small" href={draft.url}>{say("open_draft")}</a>
        : page.may_test && moment.cue_id ? <button type="button" class="button is-line is-small" disabled={draft.kind === "asking"} onClick={() => void test()}>{say("test_it")}</button> : null}
    </li>
  );
}
