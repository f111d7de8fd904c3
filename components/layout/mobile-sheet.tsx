"use client";

import type { ReactNode } from "react";
import { Dialog, SheetContent } from "#components/ui/dialog.tsx";
import type { OpenedBy } from "#components/ui/use-opener.ts";

/** The side bar over a small screen. */
export function MobileSheet({
  by,
  title,
  children,
}: {
  by: OpenedBy;
  title: string;
  children: ReactNode;
}) {
  return (
    <Dialog open={by.isOpen} onOpenChange={by.setOpen}>
      <SheetContent id={by.id} title={title} onClosed={() => by.trigger?.focus()}>
        {children}
      </SheetContent>
    </Dialog>
  );
}
