import type { DeliveriesView } from "#components/deliveries/deliveries-view.ts";
import { RedeliverAll } from "#components/deliveries/redeliver-all.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { countWebhooks } from "#lib/delivery-log/count.ts";
import type { LogQuestion } from "#lib/delivery-log/schema.ts";
import { findCannotSendReason } from "#lib/redeliveries/refuse.ts";
import { defaultJobRate, jobRates } from "#lib/redeliveries/schema.ts";
import { readForPage } from "#lib/web/reading.ts";
import { consoleTime } from "#lib/web/time.ts";
import { startJob } from "./actions.ts";

/** Counts before a job is started; nobody else waits for it. */
export async function RedeliverAllPanel({
  userId,
  view,
  question,
}: {
  userId: string;
  view: DeliveriesView;
  question: LogQuestion;
}) {
  // What comes in from now on is not what was counted.
  const now = await consoleTime();
  const counted = question.to > now && question.from < now ? { ...question, to: now } : question;
  const read = await readForPage(userId, (db) =>
    Promise.all([countWebhooks(db, counted), findCannotSendReason(db, question.channelId)]),
  );
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  const [count, refusal] = read.data;
  return (
    <RedeliverAll
      view={view}
      range={{ from: counted.from, to: counted.to }}
      count={count}
      rates={jobRates}
      defaultRate={defaultJobRate}
      refusal={refusal}
      action={startJob}
    />
  );
}
