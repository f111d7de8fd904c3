"use client";

import {
  createContext,
  type ReactNode,
  startTransition,
  useContext,
  useEffect,
  useState,
} from "react";

const Now = createContext(0);
/** Texts change by the minute at most. */
const everyMs = 15_000;

/**
 * The server's time for what is said relative to it. It begins as the server said, so that the browser's first text is the server's,
 * and goes on by the browser's clock: how wrong that is does not matter.
 */
export function NowProvider({ now, children }: { now: number; children: ReactNode }) {
  const [current, setCurrent] = useState(now);
  const [seen, setSeen] = useState(now);
  // A page that was made anew knows better.
  if (now !== seen) {
    setSeen(now);
    setCurrent(now);
  }
  useEffect(() => {
    const began = Date.now();
    // A part of the page that is not alive yet comes to life as it was sent.
    const look = () => startTransition(() => setCurrent(now + Math.max(0, Date.now() - began)));
    const timer = setInterval(look, everyMs);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [now]);
  return <Now value={current}>{children}</Now>;
}

/** Milliseconds since 1970 by the server's clock, a quarter of a minute behind at most. */
export const useNow = (): number => useContext(Now);
