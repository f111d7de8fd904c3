import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const inputClass =
  "w-full rounded-control border border-edge bg-surface px-3 text-ink placeholder:text-dim aria-invalid:border-bad disabled:opacity-60";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(inputClass, "h-9", className)} {...props} />;
}

export function TextArea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea className={cn(inputClass, "min-h-24 py-2", className)} {...props} />;
}
