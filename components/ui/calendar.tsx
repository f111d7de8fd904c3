"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useLocale } from "next-intl";
import { type DateRange, DayPicker } from "react-day-picker";
import { enUS, ja } from "react-day-picker/locale";
import { cn } from "./cn.ts";

type CalendarProps = {
  selected: DateRange;
  onSelect: (range: DateRange | undefined) => void;
  /** Days beyond are not to be had. Days are those of the browser's calendar, whatever zone they stand for. */
  last: Date;
  first: Date;
};

const nav =
  "inline-flex size-9 items-center justify-center rounded-control hover:bg-sunk aria-disabled:opacity-40";

/** A month to choose the first and the last day of a range from; arrow keys walk the days. */
export function RangeCalendar({ selected, onSelect, first, last }: CalendarProps) {
  const locale = useLocale() === "ja" ? ja : enUS;
  // The library names a day otherwise than it shows it, which speech control cannot follow.
  const dayName = (day: Date) =>
    new Intl.DateTimeFormat(locale.code, { dateStyle: "full" }).format(day);
  return (
    <DayPicker
      mode="range"
      locale={locale}
      selected={selected}
      onSelect={onSelect}
      defaultMonth={selected.to ?? last}
      startMonth={first}
      endMonth={last}
      disabled={[{ before: first }, { after: last }]}
      labels={{ labelDayButton: dayName }}
      components={{
        Chevron: ({ orientation }) =>
          orientation === "left" ? (
            <ChevronLeft aria-hidden className="size-4" />
          ) : (
            <ChevronRight aria-hidden className="size-4" />
          ),
      }}
      classNames={{
        months: "relative",
        month_caption: "flex h-9 items-center px-2 font-semibold",
        nav: "absolute top-0 right-0 flex",
        button_previous: nav,
        button_next: nav,
        month_grid: "mt-1 border-collapse",
        weekday: "size-9 text-xs font-normal text-dim",
        day: "size-9 p-0 text-center tabular-nums",
        day_button:
          "size-9 rounded-control hover:bg-sunk disabled:cursor-default disabled:opacity-40 disabled:hover:bg-transparent",
        today: "font-semibold text-brand",
        outside: "opacity-50",
        range_start: cn(
          "bg-brand-soft rounded-l-control",
          "[&>button]:bg-brand [&>button]:text-on-brand",
        ),
        range_end: cn(
          "bg-brand-soft rounded-r-control",
          "[&>button]:bg-brand [&>button]:text-on-brand",
        ),
        range_middle: "bg-brand-soft",
      }}
    />
  );
}
