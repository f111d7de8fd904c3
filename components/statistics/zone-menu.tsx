"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { SelectField } from "#components/ui/field.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#components/ui/popover.tsx";
import { formatOffset } from "#lib/format.ts";
import { canonicalZone, timeZones } from "#lib/time/zones.ts";

type ZoneMenuProps = {
  timeZone: string;
  ownZone: string;
  at: Date;
  /** Where a zone leads; null: the person's own. */
  hrefOf: (zone: string | null) => string;
};

/** The offset in which times are shown, and the choice of another zone for this view. */
export function ZoneMenu({ timeZone, ownZone, at, hrefOf }: ZoneMenuProps) {
  const t = useTranslations("webhook-errors.zone");
  const router = useRouter();
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button
          look="ghost"
          className="px-2 font-normal text-dim"
          title={`${t("label")}: ${timeZone}`}
        >
          <span className="sr-only">{t("label")}: </span>
          {formatOffset(at, timeZone)}
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-72" align="end" aria-label={t("label")}>
        {open && (
          <SelectField
            label={t("label")}
            defaultValue={timeZone}
            onChange={(event) => {
              const zone = event.target.value;
              setOpen(false);
              router.push(hrefOf(zone === ownZone ? null : zone), { scroll: false });
            }}
          >
            <ZoneOptions ownZone={ownZone} />
          </SelectField>
        )}
      </PopoverContent>
    </Popover>
  );
}

function ZoneOptions({ ownZone }: { ownZone: string }) {
  const t = useTranslations("webhook-errors.zone");
  const here = canonicalZone(Intl.DateTimeFormat().resolvedOptions().timeZone) ?? "UTC";
  const near = [...new Set([ownZone, here, "UTC"])];
  const name = (zone: string) => {
    if (zone === ownZone) return t("own", { zone });
    return zone === here ? t("browser", { zone }) : zone;
  };
  return (
    <>
      {near.map((zone) => (
        <option key={zone} value={zone}>
          {name(zone)}
        </option>
      ))}
      <optgroup label={t("all")}>
        {timeZones
          .filter((zone) => !near.includes(zone))
          .map((zone) => (
            <option key={zone} value={zone}>
              {zone}
            </option>
          ))}
      </optgroup>
    </>
  );
}
