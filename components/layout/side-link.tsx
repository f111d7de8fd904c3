"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";

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
        className="flex min-h-7.5 min-w-0 grow items-center gap-2.5 rounded-control px-2 py-1"
      >
        {children}
      </Link>
      {beside}
    </div>
  );
}
