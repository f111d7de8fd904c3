import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const buttonClass = cva(
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-control font-medium whitespace-nowrap transition-colors disabled:opacity-60 aria-disabled:opacity-60 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        primary: "bg-brand text-on-brand hover:bg-brand/90",
        quiet: "border border-line bg-surface text-ink hover:bg-sunk",
        ghost: "text-ink hover:bg-sunk",
        danger: "border border-line bg-surface text-bad hover:border-bad hover:bg-bad-soft",
      },
      size: { md: "h-9 px-3.5", sm: "h-8 px-2.5 text-sm", icon: "size-9" },
    },
    defaultVariants: { look: "quiet", size: "md" },
  },
);

type ButtonProps = ComponentProps<"button"> &
  VariantProps<typeof buttonClass> & { asChild?: boolean };

/** One primary button a page; everything else is quiet. `asChild` lends the look to a link. */
export function Button({ look, size, asChild, className, type, ...props }: ButtonProps) {
  const classes = cn(buttonClass({ look, size }), className);
  if (asChild) return <Slot.Root className={classes} {...props} />;
  return <button type={type ?? "button"} className={classes} {...props} />;
}
