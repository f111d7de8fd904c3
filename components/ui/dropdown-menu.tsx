"use client";

import { Check } from "lucide-react";
import { DropdownMenu as Primitive } from "radix-ui";
import { type ComponentProps, type ReactNode, useEffect, useRef } from "react";
import { cn } from "./cn.ts";
import { StandIn } from "./stand-in.tsx";
import type { OpenedBy } from "./use-opener.ts";

// Of no page's first script: what uses it is brought by useOpener.

export const DropdownMenuRadioGroup = Primitive.RadioGroup;

const itemClass =
  "relative flex min-h-9 items-center gap-2 rounded-control px-2.5 outline-none select-none data-[highlighted]:bg-sunk data-[disabled]:opacity-60";

/** A menu beside the button that opened it; its lines are the children. */
export function DropdownMenu({
  by,
  align = "start",
  children,
}: {
  by: OpenedBy;
  align?: "start" | "end";
  children: ReactNode;
}) {
  return (
    <Primitive.Root open={by.isOpen} onOpenChange={by.setOpen}>
      <Primitive.Trigger asChild>
        <StandIn of={by.trigger} />
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          id={by.id}
          aria-labelledby={by.trigger?.id}
          align={align}
          sideOffset={6}
          collisionPadding={12}
          className="z-50 min-w-44 rounded-card border bg-surface p-1 text-ink shadow-lg data-[state=open]:animate-in data-[state=open]:fade-in-0"
        >
          {by.isByKey && <FirstLine />}
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** Gives the focus to the first line: the menu itself came too late to see which key opened it. */
function FirstLine() {
  const here = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const line = here.current?.parentElement?.querySelector("[role^=menuitem]");
    if (line instanceof HTMLElement) line.focus({ preventScroll: true });
  }, []);
  return <span ref={here} hidden />;
}

export function DropdownMenuItem({ className, ...props }: ComponentProps<typeof Primitive.Item>) {
  return <Primitive.Item className={cn(itemClass, className)} {...props} />;
}

export function DropdownMenuRadioItem({
  className,
  children,
  ...props
}: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem className={cn(itemClass, "pl-8", className)} {...props}>
      <Primitive.ItemIndicator className="absolute left-2.5">
        <Check className="size-4" aria-hidden />
      </Primitive.ItemIndicator>
      {children}
    </Primitive.RadioItem>
  );
}

export function DropdownMenuCheckboxItem({
  className,
  children,
  ...props
}: ComponentProps<typeof Primitive.CheckboxItem>) {
  return (
    <Primitive.CheckboxItem className={cn(itemClass, "pl-8", className)} {...props}>
      <Primitive.ItemIndicator className="absolute left-2.5">
        <Check className="size-4" aria-hidden />
      </Primitive.ItemIndicator>
      {children}
    </Primitive.CheckboxItem>
  );
}

export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Primitive.Label>) {
  return <Primitive.Label className={cn("px-2.5 py-1.5 text-sm text-dim", className)} {...props} />;
}
