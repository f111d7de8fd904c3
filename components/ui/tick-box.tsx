import type { ComponentProps, ReactNode } from "react";

type Props = Omit<ComponentProps<"input">, "type" | "className"> & { label: ReactNode };

/** A box to tick, with its label beside it. */
export function TickBox({ label, ...input }: Props) {
  return (
    <label className="flex min-h-6 items-baseline gap-2">
      <input
        type="checkbox"
        className="size-4 shrink-0 translate-y-0.5 accent-brand"
        value="on"
        {...input}
      />
      {label}
    </label>
  );
}
