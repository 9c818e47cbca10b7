/** Where in the story somebody tapped "buy": a signed word that the order keeps. */
import { ApiError, callApi } from "@merchants/design/api";

export interface TappedAt {
  program_seq: number;
  position_ms: number;
  cue_id: string | null;
}

/** Ask for the token at the moment of checkout. A sale never fails for want of it. */
export function attributionOf(url: string, tapped: TappedAt): () => Promise<string> {
  const body = { ...tapped, position_ms: Math.max(0, Math.round(tapped.position_ms)) };
  return async () => {
    try {
      return (await callApi<{ token: string }>(url, { body })).token;
    } catch (error) {
      if (error instanceof ApiError) return "";
      throw error;
    }
  };
}
