"use client";

import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";
import { cn } from "./cn.ts";
import { Link } from "./link.tsx";

export type Tab = {
  /** Where the tab leads. */
  href: string;
  label: string;
  /** The tab is the current one on every page below this path; `href` when left out. */
  under?: string;
};

/** Tabs that are pages: links, so that each has its own address and history. They scroll where there is no room. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const path = usePathname();
  const bar = useRef<HTMLElement>(null);
  const current = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // Keeps the current tab in sight on a small screen; the path decides which one that is.
    if (path !== "" && bar.current !== null) showInBar(bar.current, current.current);
  }, [path]);
  return (
    <nav
      ref={bar}
      aria-label={label}
      className="relative -mx-4 overflow-x-auto px-4 sm:mx-0 sm:px-0"
    >
      <ul className="flex w-max min-w-full gap-6 border-b">
        {tabs.map((tab) => {
          const root = tab.under ?? tab.href;
          const here = path === root || path.startsWith(`${root}/`);
          return (
            <li key={tab.href}>
              <Link
                prefetch={false}
                href={tab.href}
                ref={here ? current : undefined}
                aria-current={here ? "page" : undefined}
                className={cn(
                  "-mb-px block border-b-2 py-2.5 whitespace-nowrap focus-visible:-outline-offset-2",
                  here
                    ? "border-brand font-semibold text-ink"
                    : "border-transparent text-dim hover:text-ink",
                )}
              >
                {tab.label}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/** Moves the bar alone: scrollIntoView takes the page along, away from what somebody reads or is about to press. */
function showInBar(bar: HTMLElement, tab: HTMLElement | null): void {
  if (tab === null) return;
  bar.scrollLeft = tab.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
}
