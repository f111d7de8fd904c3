"use client";

import { useTranslations } from "next-intl";
import { use } from "react";
import type { LogTotal as Total } from "#lib/delivery-log/schema.ts";

/** How many webhooks all pages have; suspends until they are counted. Nothing when they could not be. */
export function LogTotal({ total }: { total: Promise<Total | null> }) {
  const t = useTranslations("deliveries.table");
  const counted = use(total);
  if (counted === null) return null;
  const { count, isComplete } = counted;
  return t(isComplete ? "total" : "totalAtLeast", { count });
}
