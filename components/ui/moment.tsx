"use client";

import { useTranslations } from "next-intl";
import { Tooltip } from "radix-ui";
import { useState } from "react";
import { formatDate, formatDateTime } from "#lib/format.ts";
import { cn } from "./cn.ts";
import { useNow } from "./now.tsx";

type Props = { at: Date; timeZone: string; className?: string };

const steps = [
  { unit: "days", ms: 86_400_000 },
  { unit: "hours", ms: 3_600_000 },
  { unit: "minutes", ms: 60_000 },
] as const;
/** What is further away is said by its day. */
const relativeMsMax = 30 * 86_400_000;

/**
 * A moment as people speak of it, "3 minutes ago", kept up to date; the exact one on hover, focus and press, and in its place where
 * no script runs.
 */
export function Moment({ at, timeZone, className }: Props) {
  const [isOpen, setOpen] = useState(false);
  const exact = formatDateTime(at, timeZone);
  const text = useDistance(at, timeZone);
  return (
    <time dateTime={at.toISOString()} className={cn("whitespace-nowrap", className)}>
      <span className="hidden font-mono tabular-nums noscript:inline">{exact}</span>
      <Tooltip.Provider delayDuration={150}>
        <Tooltip.Root open={isOpen} onOpenChange={setOpen}>
          <Tooltip.Trigger
            // A press closes it by itself, and a finger has nothing to hover with.
            onClick={(event) => {
              event.preventDefault();
              setOpen(true);
            }}
            className="relative z-10 cursor-help rounded-sm underline decoration-line decoration-dotted underline-offset-4 noscript:hidden"
          >
            {text}
          </Tooltip.Trigger>
          <Tooltip.Portal>
            <Tooltip.Content
              sideOffset={4}
              collisionPadding={12}
              className="z-50 rounded-control border bg-surface px-2.5 py-1.5 font-mono text-xs text-ink tabular-nums shadow-lg"
            >
              {exact}
            </Tooltip.Content>
          </Tooltip.Portal>
        </Tooltip.Root>
      </Tooltip.Provider>
    </time>
  );
}

function useDistance(at: Date, timeZone: string): string {
  const t = useTranslations("common.moment");
  const ms = at.getTime() - useNow();
  const away = Math.abs(ms);
  if (away > relativeMsMax) return formatDate(at, timeZone);
  const step = steps.find((one) => away >= one.ms);
  if (step === undefined) return t("now");
  return t(`${ms < 0 ? "ago" : "in"}.${step.unit}`, { count: Math.floor(away / step.ms) });
}
