"use client";

// biome-ignore lint/style/noRestrictedImports: the one place that makes the others' of it.
import NextLink, { useLinkStatus } from "next/link";
import type { ComponentProps } from "react";

/** A link to a page of the console: pressed, it shows at once that the page is on its way, however slow the network. */
export function Link({ children, ...props }: ComponentProps<typeof NextLink>) {
  return (
    <NextLink {...props}>
      {children}
      <OnItsWay />
    </NextLink>
  );
}

/** How it looks stands in globals.css. */
function OnItsWay() {
  const { pending } = useLinkStatus();
  return pending ? <span hidden data-on-its-way /> : null;
}
