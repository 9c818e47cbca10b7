/** Playlists that came with the page are answered from memory: two round trips less before the first frame. */
import Hls from "hls.js/light";
import type { HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderStats, PlaylistLoaderContext } from "hls.js";

type PlaylistLoader = Loader<PlaylistLoaderContext>;

const FromNetwork = Hls.DefaultConfig.loader as new (config: HlsConfig) => PlaylistLoader;

/** A loader class for `pLoader`. `playlists` maps addresses, relative to the page or absolute, to texts. */
export function inlineLoader(playlists: Readonly<Record<string, string>>): NonNullable<HlsConfig["pLoader"]> {
  const texts = new Map(Object.entries(playlists).map(([address, text]) => [absolute(address), text]));
  return class InlineLoader extends FromNetwork {
    override load(context: PlaylistLoaderContext, config: LoaderConfiguration, callbacks: LoaderCallbacks<PlaylistLoaderContext>): void {
      const text = texts.get(absolute(context.url));
      if (text === undefined) return super.load(context, config, callbacks);
      const stats: LoaderStats | null = this.stats;
      noteInstantLoad(stats, text.length);
      queueMicrotask(() => {
        const isWanted = this.stats === stats && !stats.aborted; // the player may have been taken down meanwhile, and its loader emptied
        if (isWanted) callbacks.onSuccess({ url: context.url, data: text, code: 200 }, stats, context, null);
      });
    }
  } as unknown as NonNullable<HlsConfig["pLoader"]>;
}

function absolute(address: string): string {
  const url = new URL(address, location.href);
  return url.origin + url.pathname;
}

function noteInstantLoad(stats: LoaderStats, bytes: number): void {
  const now = performance.now();
  stats.loading = { start: now, first: now, end: now };
  stats.loaded = stats.total = bytes;
}
