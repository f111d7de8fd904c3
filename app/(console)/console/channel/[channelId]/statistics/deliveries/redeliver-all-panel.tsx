import type { DeliveriesView } from "#components/deliveries/deliveries-view.ts";
import { RedeliverAll } from "#components/deliveries/redeliver-all.tsx";
import { countWebhooks } from "#lib/delivery-log/count.ts";
import type { LogQuestion } from "#lib/delivery-log/schema.ts";
import { findRefusal } from "#lib/redeliveries/refuse.ts";
import { defaultJobRate, jobRates } from "#lib/redeliveries/schema.ts";
import { database } from "#lib/web/database.ts";
import { startJob } from "./actions.ts";

/** Counts before a job is started; nobody else waits for it. */
export async function RedeliverAllPanel({
  view,
  question,
}: {
  view: DeliveriesView;
  question: LogQuestion;
}) {
  const { db } = database();
  // What comes in from now on is not what was counted.
  const now = new Date();
  const counted = question.to > now && question.from < now ? { ...question, to: now } : question;
  const [count, refusal] = await Promise.all([
    countWebhooks(db, counted),
    findRefusal(db, question.channelId),
  ]);
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
