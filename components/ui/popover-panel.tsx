"use client";

import { Popover as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";
import { StandIn } from "./stand-in.tsx";
import type { OpenedBy } from "./use-opener.ts";

export type PanelProps = ComponentProps<typeof Primitive.Content> & { by: OpenedBy };

export function PopoverPanel({
  by,
  className,
  align = "start",
  sideOffset = 6,
  ...props
}: PanelProps) {
  return (
    <Primitive.Root open={by.isOpen} onOpenChange={by.setOpen}>
      <Primitive.Trigger asChild>
        <StandIn of={by.trigger} />
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          id={by.id}
          align={align}
          sideOffset={sideOffset}
          collisionPadding={12}
          className={cn(
            "z-50 max-h-(--radix-popover-content-available-height) max-w-[calc(100vw-1.5rem)] overflow-y-auto rounded-card border bg-surface p-3 text-ink shadow-lg outline-none data-[state=open]:animate-in data-[state=open]:fade-in-0",
            className,
          )}
          {...props}
        />
      </Primitive.Portal>
    </Primitive.Root>
  );
}
