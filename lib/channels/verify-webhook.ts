import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { CauseWords, LikelyCause } from "#lib/causes/schema.ts";
import type { Db } from "#lib/db.ts";
import { formatDateTime } from "#lib/format.ts";
import { type Limit, takeTry } from "#lib/limits/rate-limit.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { sampleEvent } from "#lib/verify/sample-events.ts";
import type { SampleEventType, VerifyStep } from "#lib/verify/schema.ts";
import { type VerifyWatch, verifyEndpoint } from "#lib/verify/verify.ts";
import { revealSecrets } from "./issue-secret.ts";
import type { Channel, CheckedUrl, ShownStep } from "./schema.ts";

/** As LINE's (docs/platform.md#checks-and-settings): 60 per hour and channel, whoever asks and whatever process answers. */
export const verifyLimit = {
  name: "verify:channel",
  max: 60,
  windowMs: 3_600_000,
} as const satisfies Limit;

type VerifyDeps = {
  db: Db;
  actor: Actor;
  encryptionKey: Buffer;
  sender: Pick<Sender, "send">;
  /** Of the person who asks: a refusal says when to try again. */
  timeZone: string;
  /** Puts likely causes into the person's language; absent for programs, which get none. */
  wordsOf?: (cause: LikelyCause) => CauseWords;
};

/** Runs the check that was allowed; the rest as for verifyEndpoint. */
export type Verify = (
  watch?: Omit<VerifyWatch, "onStep"> & { onStep?: (step: ShownStep) => void },
) => Promise<CheckedUrl>;

/**
 * Uses up one of the channel's checks and returns what runs it: a signed webhook without events, or with the sample that is
 * asked for, sent by the code that delivers. Nothing of it is counted as a delivery; the audit log says who asked.
 * @throws AppError conflict while the channel has no Webhook URL; rate_limited, with when to try again.
 */
export async function prepareVerify(
  { db, actor, encryptionKey, sender, timeZone, wordsOf }: VerifyDeps,
  channel: Pick<Channel, "id" | "webhookUrl" | "botUserId">,
  sample: SampleEventType | null = null,
): Promise<Verify> {
  const { id, webhookUrl: url, botUserId: destination } = channel;
  if (url === null) {
    throw new AppError("conflict", "Set a Webhook URL first.", { key: "no_webhook_url" });
  }
  await takeCheck(db, id, timeZone);
  const after = { webhookUrl: url, ...(sample === null ? {} : { sample }) };
  await recordAudit(db, { actor, action: "webhook_verified", channelId: id, after });
  const toShown = (step: VerifyStep): ShownStep => ({
    ...step,
    words: step.cause === null ? null : (wordsOf?.(step.cause) ?? null),
  });
  return async ({ onStep, ...watch } = {}) => {
    const { current, next } = await revealSecrets(db, encryptionKey, id);
    const secrets = { channelSecret: current, nextChannelSecret: next?.secret ?? null };
    const events = sample === null ? [] : [sampleEvent(sample, await databaseTime(db))];
    const { outcome, steps } = await verifyEndpoint(
      sender,
      { url, destination, events, ...secrets },
      { ...watch, onStep: (step) => onStep?.(toShown(step)) },
    );
    if (outcome.state === "delivered") await noteVerified(db, id, url);
    return {
      url,
      steps: steps.map(toShown),
      totalMs: outcome.times.total,
      outcome:
        outcome.state === "delivered"
          ? { state: "success", statusCode: outcome.statusCode }
          : { state: "failed", error: outcome.error },
    };
  };
}

/** Somebody may have set another URL meanwhile, or deleted the channel; whether it is still this one is asked when it is shown. */
async function noteVerified(db: Db, id: string, url: string): Promise<void> {
  await db.channel.updateMany({ where: { id }, data: { verifiedUrl: url } });
}

async function takeCheck(db: Db, channelId: string, timeZone: string): Promise<void> {
  try {
    await takeTry(db, verifyLimit, channelId);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "rate_limited") throw error;
    const seconds = Number(error.values.seconds);
    const time = formatDateTime(
      new Date((await databaseTime(db)).getTime() + seconds * 1_000),
      timeZone,
    );
    const count = verifyLimit.max;
    throw new AppError(
      "rate_limited",
      `Verified ${count} times within an hour: wait ${seconds} s.`,
      {
        key: "verify_limited",
        values: { count, seconds, time },
      },
    );
  }
}
