import { useRef, useState } from "react";
import { BrokenOffError, type FileProgress, saveFile } from "./save-file.ts";

export type DownloadState =
  | { state: "idle" }
  | ({ state: "running" } & FileProgress)
  | { state: "done"; rows: number }
  /** Nothing was saved; `message` is null when the server was not reached. */
  | { state: "failed"; message: string | null }
  | ({ state: "broken" } & FileProgress);

/** The screen follows at most this often. */
const showEveryMs = 100;

/** One download at a time. It goes on when its button is no longer on the page: leaving the Errors page loses nothing. */
export function useDownload() {
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
    let shownAt = 0;
    try {
      const rows = await saveFile(href, {
        headLines,
        signal: control.signal,
        onProgress: (now) => {
          if (performance.now() - shownAt < showEveryMs) return;
          shownAt = performance.now();
          show({ state: "running", ...now });
        },
      });
      show({ state: "done", rows });
    } catch (error) {
      if (error instanceof BrokenOffError) return show({ state: "broken", ...error.progress });
      // A broken line is a TypeError of fetch's, with words for developers.
      const message =
        error instanceof Error && !(error instanceof TypeError) ? error.message : null;
      show({ state: "failed", message });
    }
  };
  return { download, start, stop };
}
