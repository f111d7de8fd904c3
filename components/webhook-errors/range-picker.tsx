"use client";

import { CalendarRange } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#components/ui/popover.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { formatDate, formatMinute } from "#lib/format.ts";
import type { ErrorsView } from "./errors-chart.tsx";

// The calendar comes when it is asked for.
const RangeForm = dynamic(() => import("./range-form.tsx").then((module) => module.RangeForm), {
  loading: () => <Skeleton className="h-[34rem] w-72" />,
});

/** A free range. While one is chosen, the button says which. */
export function RangePicker({
  view,
  range,
}: {
  view: ErrorsView;
  range: { from: Date; to: Date };
}) {
  const t = useTranslations("webhook-errors.range");
  const [open, setOpen] = useState(false);
  const { filter, timeZone } = view;
  const say = (at: Date) => `${formatDate(at, timeZone).slice(5)} ${formatMinute(at, timeZone)}`;
  const chosen = typeof filter.range !== "string";
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button className={chosen ? "border-brand" : undefined}>
          <CalendarRange aria-hidden />
          {chosen ? `${say(range.from)} – ${say(range.to)}` : t("custom")}
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label={t("title")}>
        {open && <RangeForm view={view} range={range} onDone={() => setOpen(false)} />}
      </PopoverContent>
    </Popover>
  );
}
