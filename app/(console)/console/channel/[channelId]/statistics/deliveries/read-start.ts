import type { z } from "zod";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { AppError } from "#lib/app-error.ts";
import { countWebhooks } from "#lib/delivery-log/count.ts";
import { parseLogFilter } from "#lib/delivery-log/parse-filter.ts";
import { givenBy, refuseNotUnderstood } from "#lib/not-understood.ts";
import type { StartJobForm } from "#lib/redeliveries/schema.ts";
import { withoutDelivered } from "#lib/redeliveries/without-delivered.ts";
import { readOrRefuse } from "#lib/web/reading.ts";
import { resolveView } from "./resolve-view.ts";

/** The job that a start form asks for: what the page with its address shows, as far as the page had counted it. */
export async function readStart(
  user: SessionUser,
  channelId: string,
  { search, until, rate, delivered }: z.infer<typeof StartJobForm>,
) {
  const filter = parseLogFilter(givenBy(new URLSearchParams(search)));
  refuseNotUnderstood(filter.notUnderstood);
  const { question: shown, now } = await resolveView(channelId, filter, user);
  const to = new Date(Math.min(until, now.getTime(), shown.to.getTime()));
  const counted = { ...shown, to: to > shown.from ? to : shown.to };
  const question = withoutDelivered(counted, delivered === "true");
  if (question === null) {
    throw new AppError("conflict", "Only delivered webhooks match: say that these are meant.", {
      key: "redeliver_only_delivered",
    });
  }
  const { endedCount, waitingCount, complete } = await readOrRefuse(user.id, (db) =>
    countWebhooks(db, question),
  );
  const expectedCount = complete ? endedCount + waitingCount : null;
  return { filter, job: { question, ratePerSecond: rate, expectedCount } };
}
