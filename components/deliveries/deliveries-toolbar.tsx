"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Segmented } from "#components/ui/segmented.tsx";
import { FreeRange } from "#components/webhook-errors/range-picker.tsx";
import { ZoneChoice } from "#components/webhook-errors/zone-menu.tsx";
import { deliveriesHref, logRangePresets } from "#lib/delivery-log/filter.ts";
import type { DeliveriesView } from "./deliveries-view.ts";
import { FilterMenu } from "./filter-menu.tsx";
import { LogFilterChips } from "./log-filter-chips.tsx";

type ToolbarProps = {
  view: DeliveriesView;
  /** The range as it was resolved, for the picker to start from. */
  range: { from: Date; to: Date };
  ownZone: string;
  /** The way to redeliver all that match; null: the person may not. */
  action: ReactNode;
};

/** What is looked at: range, filters, time zone. */
export function DeliveriesToolbar({ view, range, ownZone, action }: ToolbarProps) {
  const { channelId, filter, timeZone } = view;
  const t = useTranslations("webhook-errors.range");
  return (
    <div className="space-y-2.5">
      <div className="flex flex-wrap items-center gap-2.5">
        <Segmented
          label={t("label")}
          segments={logRangePresets.map((preset) => ({
            href: deliveriesHref(channelId, filter, { range: preset }),
            label: t(preset),
            current: filter.range === preset,
          }))}
        />
        <FreeRange
          chosen={typeof filter.range !== "string"}
          timeZone={timeZone}
          range={range}
          hrefOf={(chosen) => deliveriesHref(channelId, filter, { range: chosen })}
        />
        <FilterMenu view={view} />
        <div className="ml-auto flex flex-wrap items-center gap-2.5">
          <ZoneChoice
            timeZone={timeZone}
            ownZone={ownZone}
            at={range.to}
            hrefOf={(zone) => deliveriesHref(channelId, filter, { zone })}
          />
          {action}
        </div>
      </div>
      <LogFilterChips view={view} />
    </div>
  );
}
