"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Segmented } from "#components/ui/segmented.tsx";
import type { ErrorFilter, RangePreset } from "#lib/webhook-errors/filter.ts";
import { RangePicker } from "./range-picker.tsx";
import { ZoneMenu } from "./zone-menu.tsx";

type ToolbarProps = {
  /** What the address says of it. */
  chosen: ErrorFilter["range"];
  presets: readonly RangePreset[];
  /** The range as it was resolved, for the picker to start from. */
  range: { from: Date; to: Date };
  /** The zone of the view, and the person's own. */
  zone: { shown: string; own: string };
  hrefOf: (change: { range: ErrorFilter["range"] } | { zone: string | null }) => string;
  /** Beside the range. */
  filters: ReactNode;
  /** At the far end. */
  action: ReactNode;
  /** Below: the filters in force. */
  chips: ReactNode;
};

/** What is looked at: range, filters, time zone; and what can be done with all of it. */
export function Toolbar({ chosen, presets, range, zone, hrefOf, ...places }: ToolbarProps) {
  const t = useTranslations("webhook-errors.range");
  return (
    <div className="space-y-2.5">
      <div className="flex flex-wrap items-center gap-2.5">
        <Segmented
          label={t("label")}
          segments={presets.map((preset) => ({
            href: hrefOf({ range: preset }),
            label: t(preset),
            current: chosen === preset,
          }))}
        />
        <RangePicker
          isChosen={typeof chosen !== "string"}
          timeZone={zone.shown}
          range={range}
          hrefOf={(free) => hrefOf({ range: free })}
        />
        {places.filters}
        <div className="ml-auto flex flex-wrap items-center gap-2.5">
          <ZoneMenu
            timeZone={zone.shown}
            ownZone={zone.own}
            at={range.to}
            hrefOf={(other) => hrefOf({ zone: other })}
          />
          {places.action}
        </div>
      </div>
      {places.chips}
    </div>
  );
}
