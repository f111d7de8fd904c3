"use client";

import { type ReactNode, useSyncExternalStore } from "react";

/**
 * What is there for browsers that run no script: hidden from others, and taken out of their page once it is alive. No
 * `noscript`: where a page comes in parts, React's own scripts look in vain for what a browser has not parsed in one.
 */
export function WithoutScript({ children }: { children: ReactNode }) {
  const hasScript = useSyncExternalStore(
    neverChanges,
    () => true,
    () => false,
  );
  return hasScript ? null : <div className="hidden noscript:block">{children}</div>;
}

const neverChanges = () => () => undefined;
