import { AnswerTimes } from "#components/deliveries/answer-times.tsx";
import { NotReadNow } from "#components/ui/not-read-now.tsx";
import { readAnswerPoints } from "#lib/answer-times/read.ts";
import { readForPage } from "#lib/web/reading.ts";
import { bucketWidthFor, widthMinutes } from "#lib/webhook-errors/range.ts";

/** The chart of answer times: a question of its own, so that the list does not wait for it, and stands where it takes too long. */
export async function AnswerTimesPanel({
  userId,
  channelId,
  range,
  timeZone,
}: {
  userId: string;
  channelId: string;
  range: { from: Date; to: Date };
  timeZone: string;
}) {
  // As wide as the bars of the Errors page, so that both can be compared.
  const { amount, unit } = bucketWidthFor(range);
  const minutes = amount * widthMinutes[unit];
  const read = await readForPage(userId, (db) =>
    readAnswerPoints(db, channelId, { ...range, minutes }),
  );
  if (read.state !== "read") return <NotReadNow why={read.state} />;
  return <AnswerTimes points={read.data} timeZone={timeZone} />;
}
