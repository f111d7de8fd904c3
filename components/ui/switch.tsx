import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

type SwitchProps = Omit<ComponentProps<"button">, "type"> & { checked: boolean };

/** A submit button of its form, so that it works without JavaScript too. Name it by `aria-labelledby`. */
export function Switch({ checked, className, ...props }: SwitchProps) {
  return (
    <button
      type="submit"
      role="switch"
      aria-checked={checked}
      className={cn(
        "relative inline-flex h-6 w-10 shrink-0 items-center rounded-full border transition-colors",
        checked ? "border-brand bg-brand" : "border-edge bg-sunk",
        className,
      )}
      {...props}
    >
      <span
        aria-hidden
        className={cn(
          "ml-0.5 size-4.5 rounded-full transition-transform",
          checked ? "translate-x-4 bg-on-brand" : "translate-x-0 bg-edge",
        )}
      />
    </button>
  );
}
