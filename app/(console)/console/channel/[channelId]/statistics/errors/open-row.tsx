import { NotReadNow } from "#components/ui/not-read-now.tsx";
import type { ErrorsView } from "#components/webhook-errors/errors-view.ts";
import { RowPanel } from "#components/webhook-errors/row-panel.tsx";
import { SingleErrorView } from "#components/webhook-errors/single-error.tsx";
import { SingleErrors } from "#components/webhook-errors/single-errors.tsx";
import { answerHref } from "#lib/delivery-log/answer-href.ts";
import { webhookHref } from "#lib/delivery-log/filter.ts";
import { env } from "#lib/env.ts";
import { readForPage } from "#lib/web/reading.ts";
import { findSingleError } from "#lib/webhook-errors/get-single.ts";
import { listCauses } from "#lib/webhook-errors/list-causes.ts";
import { listSingleErrors, questionOfRow } from "#lib/webhook-errors/list-singles.ts";
import { formatRowKey } from "#lib/webhook-errors/row-key.ts";
import type { ErrorRow } from "#lib/webhook-errors/schema.ts";

/** Of one row more can be looked at than of a page of them. */
const causeErrorsMax = 5_000;

type OpenRowProps = {
  userId: string;
  row: ErrorRow;
  view: ErrorsView;
  range: { from: Date; to: Date };
  canVerify: boolean;
};

/** What stands below an open row; the page has checked that the person may see errors of the channel. */
export async function OpenRow({ userId, row, view, range, canVerify }: OpenRowProps) {
  const { channelId, filter } = view;
  const question = { ...filter, channelId, from: range.from, to: range.to };
  const read = await readForPage(userId, (db) =>
    Promise.all([
      listSingleErrors(db, questionOfRow(question, row.key)),
      listCauses(db, question, [row.key], causeErrorsMax),
      filter.error && findSingleError(db, question, row.key, filter.error),
    ]),
  );
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const [errors, causes, detail] = read.data;
  return (
    <RowPanel
      row={row.key}
      causes={causes.get(formatRowKey(row.key)) ?? []}
      verifyHref={canVerify ? `/console/channel/${channelId}/messaging-api` : null}
      singles={
        <SingleErrors
          errors={errors}
          total={row.errorCount}
          view={view}
          detail={
            filter.error === null ? null : (
              <SingleErrorView
                error={detail}
                webhookHref={webhookHref(
                  channelId,
                  filter.error.webhookId,
                  undefined,
                  filter.error.attempt,
                )}
                answerHref={answerHref(channelId, filter.error.webhookId, filter.error.attempt)}
              />
            )
          }
          retentionDays={env().retentionDays.errors}
        />
      }
    />
  );
}
