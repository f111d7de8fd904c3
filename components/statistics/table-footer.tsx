import type { ReactNode } from "react";

/** Below a list: what can be done with it, and its pages. Not there when it has neither. */
export function TableFooter({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 border-t px-3 py-2 empty:hidden">
      {children}
    </div>
  );
}
