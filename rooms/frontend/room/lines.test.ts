import assert from "node:assert/strict";
import { test } from "node:test";
import type { Signalling } from "@realtime/rtc/signalling";
import { HostLines } from "./lines";
import type { Reason, Tier } from "./tiers";

/** Roads on which every offer is refused with `code`, and no film is found. Counts what is asked. */
function refusing(code: string) {
  const asked = { offers: 0, films: 0 };
  const signalling: Signalling = {
    ready: () => Promise.resolve(),
    iceServers: () => {
      asked.offers++;
      return Promise.reject(Object.assign(new Error(code), { code }));
    },
    offer: () => Promise.reject(new Error("not reached")),
    leave: () => undefined,
  };
  const findFilm = () => {
    asked.films++;
    return Promise.reject(new Error("none"));
  };
  return { asked, roads: { signalling, findFilm } };
}

async function fallOf(code: string): Promise<{ tier: Tier; reason: Reason; offers: number; films: number }> {
  const { asked, roads } = refusing(code);
  return await new Promise((resolve) => {
    const events = {
      state: () => undefined,
      feed: () => undefined,
      lag: () => undefined,
      connected: () => undefined,
      tier: (tier: Tier, reason: Reason) =>
        setTimeout(() => {
          lines.close();
          resolve({ tier, reason, ...asked });
        }),
    };
    const lines = new HostLines(roads, events, () => 0);
    lines.open();
  });
}

test("who hears that all places are taken goes straight to the film", async () => {
  assert.deepEqual(await fallOf("viewers_full"), { tier: "llhls", reason: "full", offers: 1, films: 1 });
  assert.deepEqual(await fallOf("node_full"), { tier: "llhls", reason: "full", offers: 1, films: 1 });
});
