"use client";

import type { ReactNode } from "react";
import { Toolbar } from "#components/statistics/toolbar.tsx";
import { deliveriesHref, logRangePresets } from "#lib/delivery-log/filter.ts";
import type { DeliveriesView } from "./deliveries-view.ts";
import { LogFilterChips } from "./log-filter-chips.tsx";
import { LogFilterMenu } from "./log-filter-menu.tsx";

type ToolbarProps = {
  view: DeliveriesView;
  /** The range as it was resolved, for the picker to start from. */
  range: { from: Date; to: Date };
  ownZone: string;
  /** The way to redeliver all that match; null: the person may not. */
  action: ReactNode;
};

export function DeliveriesToolbar({ view, range, ownZone, action }: ToolbarProps) {
  const { channelId, filter, timeZone } = view;
  return (
    <Toolbar
      chosen={filter.range}
      presets={logRangePresets}
      range={range}
      zone={{ shown: timeZone, own: ownZone }}
      hrefOf={(change) => deliveriesHref(channelId, filter, change)}
      filters={<LogFilterMenu view={view} />}
      action={action}
      chips={<LogFilterChips view={view} />}
    />
  );
}
