"use client";

import { CalendarRange } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#components/ui/popover.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { formatDayMinute } from "#lib/format.ts";
import type { FreeRangeProps } from "./range-form.tsx";

// The calendar comes when it is asked for.
const RangeForm = dynamic(() => import("./range-form.tsx").then((module) => module.RangeForm), {
  loading: () => <Skeleton className="h-[34rem] max-h-full w-72 max-w-full" />,
});

/** A free range. While one is chosen, the button says which. */
export function RangePicker({ isChosen, ...props }: FreeRangeProps & { isChosen: boolean }) {
  const t = useTranslations("webhook-errors.range");
  const [open, setOpen] = useState(false);
  const { range, timeZone } = props;
  const say = (at: Date) => formatDayMinute(at, timeZone);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button className={isChosen ? "border-brand" : undefined}>
          <CalendarRange aria-hidden />
          {isChosen ? `${say(range.from)} – ${say(range.to)}` : t("custom")}
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label={t("title")}>
        {open && <RangeForm {...props} onDone={() => setOpen(false)} />}
      </PopoverContent>
    </Popover>
  );
}
