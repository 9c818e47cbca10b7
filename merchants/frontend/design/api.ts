/** Requests to the shop's own API, with the token that Django asks of every unsafe method. */

/** A refusal with the API's code, ready to be shown: `message` is in the reader's language. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly params: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 12_000;

export function csrfToken(): string {
  const pair = document.cookie.split("; ").find((part) => /^(__Host-)?csrf=/.test(part));
  return pair ? decodeURIComponent(pair.slice(pair.indexOf("=") + 1)) : "";
}

/**
 * Call the API and read its JSON.
 *
 * Throws ApiError: the server's own code, or `network` when no answer came within 12 s.
 */
export async function callApi<Answer>(path: string, options: { method?: string; body?: unknown; networkText?: string; signal?: AbortSignal } = {}): Promise<Answer> {
  const method = options.method ?? (options.body === undefined ? "GET" : "POST");
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      credentials: "same-origin",
      signal: options.signal ? AbortSignal.any([timeout, options.signal]) : timeout,
    });
  } catch {
    throw new ApiError("network", options.networkText ?? "", 0);
  }
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  const error = (answer as { error?: { code?: string; message?: string; params?: Record<string, unknown> } } | null)?.error;
  throw new ApiError(error?.code ?? `http_${response.status}`, error?.message ?? options.networkText ?? "", response.status, error?.params ?? {});
}
