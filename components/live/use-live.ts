import { useEffect, useState } from "react";
import { followLive, type LineState } from "./live-connection.ts";
import { useRefresh } from "./use-refresh.ts";

export type LiveState = LineState | "paused";

/** Deliveries, and the clock, move a page in which nothing fails; it looks again this often. */
const quietEveryMs = 60_000;

/**
 * Refreshes the page when the stream at `href` says so. In a hidden tab the line is closed; coming back it is opened
 * again, and its first message refreshes what was missed.
 */
export function useLive(href: string): { state: LiveState; toggle: () => void } {
  const refresh = useRefresh();
  const [isPaused, setPaused] = useState(false);
  const [line, setLine] = useState<LineState>("connecting");
  useEffect(() => {
    if (isPaused) return;
    let unfollow: (() => void) | undefined;
    let quiet: ReturnType<typeof setInterval> | undefined;
    const close = () => {
      clearInterval(quiet);
      unfollow?.();
      unfollow = undefined;
    };
    const follow = () => {
      close();
      if (document.hidden) return;
      unfollow = followLive(href, { onState: setLine, onChange: refresh });
      quiet = setInterval(refresh, quietEveryMs);
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    window.addEventListener("online", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      window.removeEventListener("online", follow);
      close();
    };
  }, [href, isPaused, refresh]);
  return { state: isPaused ? "paused" : line, toggle: () => setPaused((paused) => !paused) };
}
