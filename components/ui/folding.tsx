"use client";

import { type ComponentProps, useState } from "react";

/** A `details` that is open at first or not, and then as its reader leaves it, whatever a later reading of the page says. */
export function Folding({
  openAtFirst,
  ...rest
}: { openAtFirst: boolean } & ComponentProps<"details">) {
  const [open] = useState(openAtFirst);
  return <details open={open} {...rest} />;
}
