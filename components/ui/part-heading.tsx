import type { ReactNode } from "react";

/** Above a part of something opened: a row, an attempt. */
export function PartHeading({ children }: { children: ReactNode }) {
  return <h3 className="mb-0.5 text-sm font-semibold text-dim">{children}</h3>;
}
