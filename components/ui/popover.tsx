"use client";

import { Slot } from "radix-ui";
import { type ComponentProps, createContext, type ReactNode, use } from "react";
import { later } from "./later.ts";
import type { PanelProps } from "./popover-panel.tsx";
import { type Opener, useOpener } from "./use-opener.ts";

const panel = later(() => import("./popover-panel.tsx"));
const Around = createContext<Opener<typeof import("./popover-panel.tsx")> | null>(null);

type PopoverProps = {
  /** Both or neither. */
  open?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
  children: ReactNode;
};

/** A panel beside its button. What shows it comes later than the page. */
export function Popover({ open, onOpenChange, children }: PopoverProps) {
  const opener = useOpener(
    panel,
    "dialog",
    open === undefined || onOpenChange === undefined
      ? undefined
      : { isOpen: open, setOpen: onOpenChange },
  );
  return <Around value={opener}>{children}</Around>;
}

export function PopoverTrigger({
  asChild = false,
  ...props
}: ComponentProps<"button"> & { asChild?: boolean }) {
  const opener = use(Around);
  const Button = asChild ? Slot.Root : "button";
  return <Button {...props} {...opener?.trigger} />;
}

/** Its children are drawn while it is open. */
export function PopoverContent(props: Omit<PanelProps, "by">) {
  const opener = use(Around);
  if (opener?.part === undefined) return null;
  const { PopoverPanel } = opener.part;
  return <PopoverPanel {...props} by={opener.by} />;
}
