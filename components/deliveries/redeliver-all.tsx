"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { buttonClass } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Card } from "#components/ui/card.tsx";
import { SelectField } from "#components/ui/field.tsx";
import { FormMessage } from "#components/ui/form-message.tsx";
import { Link } from "#components/ui/link.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { TickBox } from "#components/ui/tick-box.tsx";
import { deliveriesHref, isLogFiltered, logSearch } from "#lib/delivery-log/filter.ts";
import { type FormAction, idleForm } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import type { DeliveriesView } from "./deliveries-view.ts";
import { FilterText } from "./redelivery-jobs.tsx";

export type RedeliverAllProps = {
  view: DeliveriesView;
  range: { from: Date; to: Date };
  count: { endedCount: number; deliveredCount: number; waitingCount: number; complete: boolean };
  rates: readonly number[];
  defaultRate: number;
  /** Why nothing can be sent; null: it can. */
  refusal: "webhook_off" | "no_url" | "suspended" | null;
  action: FormAction;
};

/** What a job would redeliver, counted before it starts, and the way to start it. */
export function RedeliverAll(props: RedeliverAllProps) {
  const { view, count, refusal } = props;
  const { channelId, filter } = view;
  const t = useTranslations("deliveries.redeliver");
  const nothing = count.endedCount === 0 && count.complete;
  const close = (
    <Link
      href={deliveriesHref(channelId, filter, { redelivers: false })}
      scroll={false}
      className={buttonClass()}
    >
      {t("close")}
    </Link>
  );
  return (
    <Card className="border-brand p-5" aria-labelledby="redeliver-all">
      <h2 id="redeliver-all" className="text-lg font-semibold">
        {t("allTitle")}
      </h2>
      <p className="mt-0.5 max-w-prose text-sm text-dim">{t("allText")}</p>
      <Preview {...props} />
      {refusal !== null && <Callout tone="warn">{t(`off.${refusal}`)}</Callout>}
      {refusal === null && nothing && <Callout>{t("nothing")}</Callout>}
      {refusal === null && !nothing ? (
        <StartForm {...props} close={close} />
      ) : (
        <div className="mt-4 flex">{close}</div>
      )}
    </Card>
  );
}

function Preview({ view: { filter, timeZone, causeNames }, range, count }: RedeliverAllProps) {
  const t = useTranslations("deliveries.redeliver");
  const facts = [
    [
      t("range"),
      t("rangeText", {
        from: formatDateTime(range.from, timeZone),
        to: formatDateTime(range.to, timeZone),
      }),
    ],
    [
      t("filters"),
      isLogFiltered(filter) ? (
        <FilterText key="filter" filter={filter} causeNames={causeNames} />
      ) : (
        t("noFilter")
      ),
    ],
    [
      t("matching"),
      t(count.complete ? "counted" : "atLeast", { count: count.endedCount - count.deliveredCount }),
    ],
    ...(count.waitingCount === 0
      ? []
      : [[t("waiting"), t("counted", { count: count.waitingCount })] as const]),
  ] as const;
  return (
    <dl className="my-4 grid gap-x-6 gap-y-1.5 sm:grid-cols-[max-content_1fr]">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-dim">{name}</dt>
          <dd className="min-w-0 tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function StartForm({
  view: { channelId, filter },
  range,
  count: { endedCount, deliveredCount },
  rates,
  defaultRate,
  action,
  close,
}: RedeliverAllProps & { close: React.ReactNode }) {
  const t = useTranslations("deliveries.redeliver");
  const [state, dispatch] = useActionState(action, idleForm);
  return (
    <form action={dispatch} className="grid gap-4">
      <FormMessage state={state} />
      <input type="hidden" name="channelId" value={channelId} />
      <input
        type="hidden"
        name="search"
        value={logSearch(filter, { page: null, redelivers: false })}
      />
      <input type="hidden" name="until" value={range.to.getTime()} />
      {deliveredCount > 0 && (
        <TickBox
          name="delivered"
          value="true"
          required={deliveredCount === endedCount}
          label={
            <span>
              {t("alsoDelivered", { count: deliveredCount })}
              <span className="block text-sm text-dim">{t("alsoDeliveredText")}</span>
            </span>
          }
        />
      )}
      <SelectField
        label={t("rate")}
        hint={t("rateHint")}
        name="rate"
        defaultValue={defaultRate}
        className="max-w-xs"
      >
        {rates.map((rate) => (
          <option key={rate} value={rate}>
            {t("rateOf", { count: rate })}
          </option>
        ))}
      </SelectField>
      <div className="flex flex-wrap gap-2">
        <SubmitButton>{t("start")}</SubmitButton>
        {close}
      </div>
    </form>
  );
}
