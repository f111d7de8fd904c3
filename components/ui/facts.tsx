import type { ReactNode } from "react";

/** Names and values, one below the other on a small screen, side by side else. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="divide-y">{children}</dl>;
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="grid gap-x-6 gap-y-1 px-5 py-3 sm:grid-cols-[14rem_1fr]">
      <dt className="text-dim sm:py-1.5">{name}</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-2 sm:min-h-9">{children}</dd>
    </div>
  );
}
