import { useEffect, useState } from "react";
import { type ErrorFilter, errorSearch } from "#lib/webhook-errors/filter.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";
import type { ErrorRow } from "#lib/webhook-errors/schema.ts";

type Seen = { view: string; rows: readonly ErrorRow[]; counts: ReadonlyMap<string, number> };

const seenOf = (view: string, rows: readonly ErrorRow[]): Seen => ({
  view,
  rows,
  counts: new Map(rows.map((row) => [formatRowKey(row.key), row.errorCount])),
});

export type Arrivals = {
  /** Rows that were not in the list a moment ago, in the same view. */
  freshIds: ReadonlySet<string>;
  /** Errors that came since the reader scrolled past the head of the list; 0 while it is in sight. */
  missedCount: number;
};

/** What a live list got since it was last drawn, and since its reader last saw its head. */
export function useArrivals(
  rows: readonly ErrorRow[],
  filter: ErrorFilter,
  isAway: boolean,
): Arrivals {
  const view = errorSearch({ ...filter, row: null, error: null });
  const [drawn, setDrawn] = useState({ seen: seenOf(view, rows), freshIds: new Set<string>() });
  const [atHead, setAtHead] = useState(drawn.seen);
  // Derived from the rows before: settled while rendering, as React has it, so that nothing is drawn twice.
  if (drawn.seen.rows !== rows) {
    const seen = seenOf(view, rows);
    const isSame = drawn.seen.view === view;
    const fresh = [...seen.counts.keys()].filter((id) => isSame && !drawn.seen.counts.has(id));
    setDrawn({ seen, freshIds: new Set(fresh) });
    if (!isAway || atHead.view !== view) setAtHead(seen);
  } else if (!isAway && atHead !== drawn.seen) setAtHead(drawn.seen);
  const isNewestFirst = filter.sort === "date" && filter.order === "desc" && filter.page === null;
  return {
    freshIds: drawn.freshIds,
    missedCount: isAway && isNewestFirst ? countMissed(rows, atHead.counts) : 0,
  };
}

function countMissed(rows: readonly ErrorRow[], before: ReadonlyMap<string, number>): number {
  return rows.reduce(
    (sum, row) => sum + Math.max(0, row.errorCount - (before.get(formatRowKey(row.key)) ?? 0)),
    0,
  );
}

/** Whether an element lies above what is on the screen. */
export function useIsAbove(element: Element | null): boolean {
  const [isAbove, setAbove] = useState(false);
  useEffect(() => {
    if (element === null) return;
    const observer = new IntersectionObserver((entries) => {
      // Several when the browser was busy; the last is how it stands.
      const entry = entries.at(-1);
      setAbove(entry !== undefined && !entry.isIntersecting && entry.boundingClientRect.top < 0);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return isAbove;
}
