"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { RangeCalendar } from "#components/ui/calendar.tsx";
import { TextField } from "#components/ui/field.tsx";
import { formatOffset } from "#lib/format.ts";
import { fromWallTime, toWallTime } from "#lib/time/wall-time.ts";

export type FreeRangeProps = {
  timeZone: string;
  range: { from: Date; to: Date };
  /** Where a chosen range leads. */
  hrefOf: (range: { from: Date; to: Date }) => string;
};

// Further back nothing is ever kept by default; the server cuts to what really is.
const backDays = 400;
const dayMs = 86_400_000;

/** Days by the calendar, minutes by the fields, both in the zone of the page. */
export function RangeForm({
  timeZone,
  range,
  hrefOf,
  onDone,
}: FreeRangeProps & { onDone: () => void }) {
  const t = useTranslations("webhook-errors.range");
  const router = useRouter();
  const [from, setFrom] = useState(() => toWallTime(range.from, timeZone));
  const [to, setTo] = useState(() => toWallTime(range.to, timeZone));
  const [now] = useState(() => new Date());
  const [start, end] = [fromWallTime(from, timeZone), fromWallTime(to, timeZone)];
  const valid = start !== null && end !== null && start < end;
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        onDone();
        router.push(hrefOf({ from: start, to: end }), { scroll: false });
      }}
    >
      <RangeCalendar
        selected={{ from: dayOf(from), to: dayOf(to) }}
        first={dayOf(toWallTime(new Date(now.getTime() - backDays * dayMs), timeZone))}
        last={dayOf(toWallTime(now, timeZone))}
        onSelect={(days) => {
          if (days?.from === undefined) return;
          setFrom(`${textOf(days.from)}T00:00`);
          setTo(`${textOf(new Date((days.to ?? days.from).getTime() + 1.5 * dayMs))}T00:00`);
        }}
      />
      <TextField
        label={`${t("from")} (${formatOffset(start ?? now, timeZone)})`}
        type="datetime-local"
        value={from}
        onChange={(event) => setFrom(event.target.value)}
      />
      <TextField
        label={`${t("to")} (${formatOffset(end ?? now, timeZone)})`}
        type="datetime-local"
        value={to}
        onChange={(event) => setTo(event.target.value)}
        error={valid ? undefined : t("empty")}
      />
      <Button type="submit" disabled={!valid}>
        {t("apply")}
      </Button>
    </form>
  );
}

/** The day of a wall time as the calendar counts days: midnight in the browser's own zone. */
function dayOf(wall: string): Date {
  const [year = 0, month = 1, day = 1] = wall.slice(0, 10).split("-").map(Number);
  return new Date(year, month - 1, day);
}

function textOf(day: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
