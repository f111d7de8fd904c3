"use client";

import { useTranslations } from "next-intl";
import { useId } from "react";
import { FilterMenu } from "#components/statistics/filter-menu.tsx";
import { FieldNotes, TextField, useControlIds } from "#components/ui/field.tsx";
import { TickBox } from "#components/ui/tick-box.tsx";
import { countLogFilters, deliveriesHref, type LogFilter } from "#lib/delivery-log/filter.ts";
import { filterStates, offeredEventTypes } from "#lib/delivery-log/schema.ts";
import type { DeliveriesView } from "./deliveries-view.ts";
import { OutcomeFields, readOutcome } from "./outcome-fields.tsx";

export function LogFilterMenu({
  view: { channelId, filter, causeNames },
}: {
  view: DeliveriesView;
}) {
  return (
    <FilterMenu
      page="deliveries"
      count={countLogFilters(filter)}
      hrefOf={(form) => deliveriesHref(channelId, filter, readFilter(form))}
      className="w-96"
    >
      <Fields filter={filter} causeNames={causeNames} />
    </FilterMenu>
  );
}

function Fields({ filter, causeNames }: Pick<DeliveriesView, "filter" | "causeNames">) {
  const t = useTranslations("deliveries");
  const listId = useId();
  return (
    <>
      <fieldset className="grid grid-cols-2 gap-x-3 gap-y-1.5">
        <legend className="mb-1.5 text-sm font-medium">{t("filter.states")}</legend>
        {filterStates.map((state) => (
          <TickBox
            key={state}
            name="state"
            value={state}
            defaultChecked={filter.states?.includes(state) ?? false}
            label={t(`state.${state}`)}
          />
        ))}
      </fieldset>
      <Doubtful checked={filter.doubtful} />
      <OutcomeFields outcome={filter.outcome} causeNames={causeNames} />
      <TextField
        label={t("filter.type")}
        hint={t("filter.typeHint")}
        name="type"
        list={listId}
        defaultValue={filter.eventType ?? ""}
        maxLength={64}
        pattern="[\w.:\-]*"
        autoComplete="off"
      />
      <datalist id={listId}>
        {offeredEventTypes.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      <TextField
        label={t("filter.id")}
        hint={t("filter.idHint")}
        name="id"
        defaultValue={filter.webhookId ?? filter.eventId ?? ""}
        maxLength={36}
        pattern={idPattern}
        autoComplete="off"
        className="[&_input]:font-mono [&_input]:text-sm"
      />
      <TextField
        label={t("filter.source")}
        hint={t("filter.sourceHint")}
        name="source"
        defaultValue={filter.sourceId ?? ""}
        maxLength={64}
        pattern="\s*[\w.:\-]*\s*"
        autoComplete="off"
        className="[&_input]:font-mono [&_input]:text-sm"
      />
    </>
  );
}

function Doubtful({ checked }: { checked: boolean }) {
  const t = useTranslations("deliveries.filter");
  const hint = t("doubtfulHint");
  const { id, "aria-describedby": describedBy } = useControlIds({ hint });
  return (
    <div>
      <TickBox
        name="answer"
        value="doubtful"
        defaultChecked={checked}
        aria-describedby={describedBy}
        label={t("doubtful")}
      />
      <FieldNotes id={id} hint={hint} />
    </div>
  );
}

/** A webhook's UUID or an event's ULID. */
const idPattern =
  "\\s*([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-7][0-9A-Za-z]{25})\\s*";

/** The server reads the address; which kind of id was typed, its form tells there. */
function readFilter(form: FormData): Partial<LogFilter> {
  const chosen = new Set(form.getAll("state"));
  const states = filterStates.filter((state) => chosen.has(state));
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const id = text("id");
  const isUuid = id.length === 36;
  return {
    states: states.length === 0 ? null : states,
    eventType: text("type") || null,
    doubtful: form.get("answer") === "doubtful",
    webhookId: id !== "" && isUuid ? id : null,
    eventId: id !== "" && !isUuid ? id : null,
    outcome: readOutcome(text),
    sourceId: text("source") || null,
  };
}
