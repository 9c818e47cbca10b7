/** The browser's transport for uploads: XMLHttpRequest, since fetch does not tell how much of a body has left. */
import { csrfToken } from "@merchants/design/api";
import type { Transport, TusAnswer } from "./upload";

const QUIET_MS = 60_000;

export const sendByBrowser: Transport = (request, sent, signal) =>
  new Promise<TusAnswer>((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open(request.method, request.url);
    for (const [name, value] of Object.entries(request.headers)) call.setRequestHeader(name, value);
    call.setRequestHeader("X-CSRFToken", csrfToken());
    // The line is dead when nothing moves for a minute; the probe of a large file answers within that.
    let quiet = setTimeout(() => call.abort(), QUIET_MS);
    const moves = (): void => {
      clearTimeout(quiet);
      quiet = setTimeout(() => call.abort(), 2 * QUIET_MS);
    };
    call.upload.onprogress = (event) => {
      moves();
      sent(event.loaded);
    };
    call.onload = () => {
      clearTimeout(quiet);
      resolve({ status: call.status, header: (name) => call.getResponseHeader(name), error: readError(call.responseText) });
    };
    call.onerror = call.onabort = () => {
      clearTimeout(quiet);
      reject(new Error("no answer"));
    };
    signal.addEventListener("abort", () => call.abort(), { once: true });
    call.send(request.body ?? null);
  });

function readError(text: string): TusAnswer["error"] {
  try {
    return (JSON.parse(text) as { error?: { code: string; message: string } }).error ?? null;
  } catch {
    return null;
  }
}
