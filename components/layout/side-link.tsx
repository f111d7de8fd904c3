"use client";

import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

/** A line of the side bar; the current one stands out on every page below `under`, or with `isExact` on its own only. */
export function SideLink({
  href,
  under = href,
  isExact = false,
  beside,
  children,
}: {
  href: string;
  under?: string;
  isExact?: boolean;
  /** A link of its own at the end of the line. */
  beside?: ReactNode;
  children: ReactNode;
}) {
  const path = usePathname();
  const here = path === under || (!isExact && path.startsWith(`${under}/`));
  return (
    <div
      className={cn(
        "flex items-center rounded-control border",
        here ? "border-line bg-surface font-semibold" : "border-transparent hover:bg-surface/60",
      )}
    >
      <Link
        prefetch={false}
        href={href}
        aria-current={here ? "page" : undefined}
        className="flex min-h-7.5 min-w-0 grow items-center rounded-control px-2 py-1"
      >
        <PendingHint>{children}</PendingHint>
      </Link>
      {beside}
    </div>
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
