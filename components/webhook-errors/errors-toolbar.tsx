import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { LiveMark } from "#components/live/live-mark.tsx";
import { Segmented } from "#components/ui/segmented.tsx";
import { errorsHref, rangePresets } from "#lib/webhook-errors/filter.ts";
import type { ErrorsView } from "./errors-chart.tsx";
import { FilterChips } from "./filter-chips.tsx";
import { FilterMenu } from "./filter-menu.tsx";
import { RangePicker } from "./range-picker.tsx";
import { ZoneMenu } from "./zone-menu.tsx";

type ToolbarProps = {
  view: ErrorsView;
  /** The range as it was resolved, for the picker to start from. */
  range: { from: Date; to: Date; live: boolean };
  ownZone: string;
  download: ReactNode;
};

/** What is looked at: range, filters, time zone, and the way to take it along. */
export function ErrorsToolbar({ view, range, ownZone, download }: ToolbarProps) {
  const { channelId, filter } = view;
  const t = useTranslations("webhook-errors.range");
  return (
    <div className="space-y-2.5">
      <div className="flex flex-wrap items-center gap-2.5">
        <Segmented
          label={t("label")}
          segments={rangePresets.map((preset) => ({
            href: errorsHref(channelId, filter, { range: preset }),
            label: t(preset),
            current: filter.range === preset,
          }))}
        />
        <RangePicker view={view} range={range} />
        <FilterMenu view={view} />
        {range.live && <LiveMark channelId={channelId} topic="errors" />}
        <div className="ml-auto flex flex-wrap items-center gap-2.5">
          <ZoneMenu view={view} ownZone={ownZone} at={range.to} />
          {download}
        </div>
      </div>
      <FilterChips view={view} />
    </div>
  );
}
