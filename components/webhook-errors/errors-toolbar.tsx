"use client";

import type { ReactNode } from "react";
import { LiveMark } from "#components/live/live-mark.tsx";
import type { TakeFigures } from "#components/live/use-live.ts";
import { Toolbar } from "#components/statistics/toolbar.tsx";
import { errorsHref, rangePresets } from "#lib/webhook-errors/filter.ts";
import { ErrorsFilterChips } from "./errors-filter-chips.tsx";
import { ErrorsFilterMenu } from "./errors-filter-menu.tsx";
import type { ErrorsView } from "./errors-view.ts";

type ToolbarProps = {
  view: ErrorsView;
  /** The range as it was resolved, for the picker to start from. */
  range: { from: Date; to: Date; live: boolean };
  ownZone: string;
  /** The stream of the view, and what takes what it sends. */
  live: { href: string; takeFigures: TakeFigures };
  /** The way to take along what is shown. */
  download: ReactNode;
};

export function ErrorsToolbar({ view, range, ownZone, live, download }: ToolbarProps) {
  const { channelId, filter, timeZone } = view;
  return (
    <Toolbar
      chosen={filter.range}
      presets={rangePresets}
      range={range}
      zone={{ shown: timeZone, own: ownZone }}
      hrefOf={(change) => errorsHref(channelId, filter, change)}
      filters={
        <>
          <ErrorsFilterMenu view={view} />
          {range.live && <LiveMark {...live} />}
        </>
      }
      action={download}
      chips={<ErrorsFilterChips view={view} />}
    />
  );
}
