"use client";

import { createContext, type ReactNode, useContext } from "react";

const Stamp = createContext("");

/** Tells the live part of a page how the head above it was drawn, so that it notices when that has to be drawn anew. */
export function DrawnStanding({ stamp, children }: { stamp: string; children: ReactNode }) {
  return <Stamp value={stamp}>{children}</Stamp>;
}

export const useDrawnStamp = (): string => useContext(Stamp);
