import { useEffect, useEffectEvent, useState } from "react";
import { followLive, type LineState } from "./live-connection.ts";
import { useRefresh } from "./use-refresh.ts";

export type LiveState = LineState | "paused";

/**
 * Takes what the stream sent of the page. `audience`: how many look at the channel; `isPageOld`: something around the figures
 * is another, and the page itself is to be rendered anew.
 */
export type TakeFigures = (told: string) => { audience: number; isPageOld: boolean };

/** Deliveries, and the clock, move a page in which nothing fails; it looks again this often. */
const quietEveryMs = 60_000;
/**
 * Where figures are sent it does so for what they do not move, such as the side bar, and to keep the session alive: the more
 * rarely the more people look, so that no more than a few pages are rendered in a second.
 */
const quietShareMs = 600;
/** A server renders some ten pages a second: when something around the figures changes, they come one after the other. */
const spreadMs = 150;

/**
 * Refreshes the page when the stream at `href` says so, or hands on the figures that it sends. In a hidden tab the line is
 * closed; coming back it is opened again, and its first message brings what was missed.
 */
export function useLive(
  href: string,
  takeFigures: TakeFigures = () => ({ audience: 1, isPageOld: false }),
): { state: LiveState; toggle: () => void } {
  const refresh = useRefresh();
  const take = useEffectEvent(takeFigures);
  const [isPaused, setPaused] = useState(false);
  const [line, setLine] = useState<LineState>("connecting");
  useEffect(() => {
    if (isPaused) return;
    let unfollow: (() => void) | undefined;
    let quiet: ReturnType<typeof setTimeout> | undefined;
    let turn: ReturnType<typeof setTimeout> | undefined;
    const lookLater = (everyMs: number): void => {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        refresh();
        lookLater(everyMs);
      }, everyMs);
    };
    /** Not all at once, although all came at once when the console was started again. */
    const lookInTurn = (audience: number): void =>
      lookLater(Math.max(quietEveryMs, audience * quietShareMs) * (0.5 + Math.random()));
    const refreshInTurn = (audience: number): void => {
      turn ??= setTimeout(
        () => {
          turn = undefined;
          refresh();
        },
        Math.random() * (audience - 1) * spreadMs,
      );
    };
    const close = () => {
      clearTimeout(quiet);
      clearTimeout(turn);
      turn = undefined;
      unfollow?.();
      unfollow = undefined;
    };
    const follow = () => {
      close();
      if (document.hidden) return;
      let isNew = true;
      unfollow = followLive(href, {
        onState: setLine,
        onChange: refresh,
        onFollowing: (isFollowing) => {
          isNew = true;
          // With the first figures it is known how many look.
          if (isFollowing) clearTimeout(quiet);
          else lookLater(quietEveryMs);
        },
        onFigures: (told) => {
          const { audience, isPageOld } = take(told);
          if (isNew) lookInTurn(audience);
          isNew = false;
          if (isPageOld) refreshInTurn(audience);
        },
      });
      lookLater(quietEveryMs);
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
