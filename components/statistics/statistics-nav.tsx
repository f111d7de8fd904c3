"use client";

import { usePathname } from "next/navigation";
import { Segmented } from "#components/ui/segmented.tsx";

/** The entries of Statistics. */
export function StatisticsNav({
  label,
  entries,
}: {
  label: string;
  entries: readonly { href: string; label: string }[];
}) {
  const path = usePathname();
  return (
    <Segmented
      label={label}
      segments={entries.map((entry) => ({
        ...entry,
        current: path === entry.href || path.startsWith(`${entry.href}/`),
      }))}
    />
  );
}
