"use client";

import type { ReactNode } from "react";
import { useHasScript } from "./use-has-script.ts";

/**
 * What is there for browsers that run no script: hidden from others, and taken out of their page once it is alive. No
 * `noscript`: where a page comes in parts, React's own scripts look in vain for what a browser has not parsed in one.
 */
export function WithoutScript({ children }: { children: ReactNode }) {
  return useHasScript() ? null : <div className="hidden noscript:block">{children}</div>;
}
