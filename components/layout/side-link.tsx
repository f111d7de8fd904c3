"use client";

import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

/** A line of the side bar; the current one stands out on every page below `under`. */
export function SideLink({
  href,
  under = href,
  children,
}: {
  href: string;
  under?: string;
  children: ReactNode;
}) {
  const path = usePathname();
  const here = path === under || path.startsWith(`${under}/`);
  return (
    <Link
      prefetch={false}
      href={href}
      aria-current={here ? "page" : undefined}
      className={cn(
        "flex min-h-8 items-center rounded-control border px-2 py-1",
        here ? "border-line bg-surface font-semibold" : "border-transparent hover:bg-surface/60",
      )}
    >
      <PendingHint>{children}</PendingHint>
    </Link>
  );
}

/** Fades a line whose page is on its way. */
function PendingHint({ children }: { children: ReactNode }) {
  const { pending } = useLinkStatus();
  return (
    <span
      className={cn(
        "flex min-w-0 grow items-center gap-2.5 transition-opacity",
        pending && "opacity-60",
      )}
    >
      {children}
    </span>
  );
}
