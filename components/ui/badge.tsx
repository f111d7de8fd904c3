import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

const badgeClass = cva(
  "inline-flex items-center gap-1.5 rounded-full border px-2.5 py-0.5 text-sm whitespace-nowrap",
  {
    variants: {
      tone: {
        plain: "bg-surface text-dim",
        good: "border-good/40 bg-surface text-good",
        warn: "border-warn/40 bg-surface text-warn",
        bad: "border-bad/50 bg-surface text-bad",
      },
    },
    defaultVariants: { tone: "plain" },
  },
);

export function Badge({
  tone,
  className,
  ...props
}: ComponentProps<"span"> & VariantProps<typeof badgeClass>) {
  return <span className={cn(badgeClass({ tone }), className)} {...props} />;
}
