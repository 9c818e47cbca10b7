/** What the server writes beside the mount: see `dramas/templatetags/transcode.py`. */
import { readState, type Texts } from "@merchants/design/texts";

export interface OpenUpload {
  id: string;
  filename: string;
  fingerprint: string;
  size_bytes: number;
  offset_bytes: number;
}

/** Where the work on the episode's video stands; the API's own shape. */
export interface Work {
  episode_id: string;
  state: "empty" | "waiting" | "transcoding" | "preview" | "ready" | "failed";
  step: string;
  percent: number;
  duration_ms: number;
  poster_url: string;
  error_code: string;
  /** A sentence in the reader's language; empty without an error. */
  error: string;
  can_retry: boolean;
  can_cancel: boolean;
  warnings: string[];
  upload: OpenUpload | null;
}

export interface UploadState {
  work: Work;
  uploads_url: string;
  work_url: string;
  max_bytes: number;
  texts: Texts;
}

export const loadState = (): UploadState => readState<UploadState>("upload-state");
