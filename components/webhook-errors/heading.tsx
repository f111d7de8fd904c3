import type { ReactNode } from "react";

/** Above a part of an open row. */
export function Heading({ children }: { children: ReactNode }) {
  return <h3 className="mb-0.5 text-sm font-semibold text-dim">{children}</h3>;
}
