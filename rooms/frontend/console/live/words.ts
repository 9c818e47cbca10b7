/** Keys of the sentences for what went wrong with a source: what it is, and what to do. */
import type { HostProblem } from "./host";

export const PROBLEMS: Readonly<Record<HostProblem["problem"], { what: string; next: string }>> = {
  denied: { what: "source_denied", next: "source_denied_next" },
  missing: { what: "source_missing", next: "source_missing_next" },
  busy: { what: "source_busy", next: "source_busy_next" },
  insecure: { what: "source_insecure", next: "source_insecure_next" },
  unsupported: { what: "source_unsupported", next: "source_unsupported_next" },
  unreadable: { what: "source_unreadable", next: "source_unreadable_next" },
  gone: { what: "source_gone", next: "source_gone_next" },
  cancelled: { what: "source_choose", next: "source_choose" },
};
