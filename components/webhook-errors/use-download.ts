import { useRef, useState } from "react";
import { saveFile } from "./save-file.ts";

export type DownloadState =
  | { state: "idle" }
  | { state: "running"; rows: number; total: number | null }
  | { state: "done"; rows: number }
  /** `message` is null when the line broke. */
  | { state: "failed"; message: string | null };

/** The screen follows at most this often. */
const showEveryMs = 100;

/** One download at a time. It goes on when its button is no longer on the page: leaving the Errors page loses nothing. */
export function useDownload(rowCount: Promise<number | null>) {
  const [download, setDownload] = useState<DownloadState>({ state: "idle" });
  const running = useRef<AbortController | null>(null);
  const stop = () => {
    running.current?.abort();
    running.current = null;
    setDownload({ state: "idle" });
  };
  const start = async (href: string, headLines: number) => {
    stop();
    const control = new AbortController();
    running.current = control;
    const show = (next: DownloadState) => {
      if (running.current === control) setDownload(next);
    };
    show({ state: "running", rows: 0, total: null });
    const total = await rowCount;
    let shownAt = 0;
    try {
      const rows = await saveFile(href, {
        headLines,
        signal: control.signal,
        onProgress: ({ rows }) => {
          if (performance.now() - shownAt < showEveryMs) return;
          shownAt = performance.now();
          show({ state: "running", rows, total });
        },
      });
      show({ state: "done", rows });
    } catch (error) {
      // A broken line is a TypeError of fetch's, with words for developers.
      const message =
        error instanceof Error && !(error instanceof TypeError) ? error.message : null;
      show({ state: "failed", message });
    }
  };
  return { download, start, stop };
}
