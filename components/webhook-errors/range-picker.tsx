"use client";

import { CalendarRange } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#components/ui/popover.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { formatDate, formatMinute } from "#lib/format.ts";
import { errorsHref } from "#lib/webhook-errors/filter.ts";
import type { ErrorsView } from "./errors-chart.tsx";
import type { FreeRangeProps } from "./range-form.tsx";

// The calendar comes when it is asked for.
const RangeForm = dynamic(() => import("./range-form.tsx").then((module) => module.RangeForm), {
  loading: () => <Skeleton className="h-[34rem] w-72" />,
});

/** A free range of the Errors page. */
export function RangePicker({
  view: { channelId, filter, timeZone },
  range,
}: {
  view: ErrorsView;
  range: { from: Date; to: Date };
}) {
  return (
    <FreeRange
      chosen={typeof filter.range !== "string"}
      timeZone={timeZone}
      range={range}
      hrefOf={(chosen) => errorsHref(channelId, filter, { range: chosen })}
    />
  );
}

/** A free range. While one is chosen, the button says which. */
export function FreeRange({ chosen, ...props }: FreeRangeProps & { chosen: boolean }) {
  const t = useTranslations("webhook-errors.range");
  const [open, setOpen] = useState(false);
  const { range, timeZone } = props;
  const say = (at: Date) => `${formatDate(at, timeZone).slice(5)} ${formatMinute(at, timeZone)}`;
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button className={chosen ? "border-brand" : undefined}>
          <CalendarRange aria-hidden />
          {chosen ? `${say(range.from)} – ${say(range.to)}` : t("custom")}
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label={t("title")}>
        {open && <RangeForm {...props} onDone={() => setOpen(false)} />}
      </PopoverContent>
    </Popover>
  );
}
