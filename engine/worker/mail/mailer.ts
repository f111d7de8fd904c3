import { setTimeout } from "node:timers/promises";
import type { Pool } from "pg";
import { logFailure } from "#lib/database-log.ts";
import type { Log } from "#lib/log.ts";
import { type ClaimedMail, claimMails } from "#lib/outbox/claim-mails.ts";
import { toHeaderSafe } from "#lib/outbox/header-safe.ts";
import { type Recorded, recordSending, type SendingOutcome } from "#lib/outbox/record-sending.ts";
import type { NoticeKind } from "#lib/outbox/schema.ts";
import { createSlots, type Slots } from "#lib/slots.ts";
import { leaseMs, type SendMail } from "./send-mail.ts";

export type MailerOptions = {
  pool: Pool;
  send: SendMail;
  /** Asked before each mail; true: it was taken back and is not sent. */
  takeBack?: (mail: ClaimedMail) => Promise<boolean>;
  /** Opens what is sealed, right before the mail is sent; throws where no key does. */
  open?: (mail: ClaimedMail) => ClaimedMail;
  log: Log;
  /** What operators read in the log of a notice. */
  advise?: (kind: NoticeKind) => string;
  /** Mails on their way at once. */
  slots?: number;
  leaseMs?: number;
};

export type Mailer = {
  /** Claims what fits into the free slots and starts sending it; resolves with how many, before they are sent; 0 also while one has to show whether the server is back. */
  poll: () => Promise<number>;
  slots: Pick<Slots, "free" | "freed" | "idle">;
  /** Waits up to `drainMs` for what is on its way, then breaks it off, and resolves when all of it is recorded. */
  stop: (drainMs: number) => Promise<void>;
};

const recordPausesMs = [500, 1_000, 2_000, 4_000];

/** Sends queued mails: claim, look whether they are still wanted, send, record. Whoever polls decides when; a dead mailer's mails return by themselves. */
export function createMailer(options: MailerOptions): Mailer {
  const { pool, send, log } = options;
  const slots = createSlots(options.slots ?? 4);
  const breakOff = new AbortController();
  let stopping = false;
  /** The last try did not come to its mail: until one does, mails are tried one at a time. */
  let isAway = false;

  const handle = async (mail: ClaimedMail): Promise<void> => {
    const ready = await prepare(options, mail);
    if (ready === null) {
      log.info({ mailId: mail.id }, "mail cancelled: its recipient should no longer get it");
      return;
    }
    const outcome = "kind" in ready ? ready : await send(ready, breakOff.signal);
    // What was put off here says nothing about the server.
    if (ready !== outcome) isAway = outcome.kind === "unreachable";
    report(log, mail, outcome);
    tell(options, mail, outcome, await record(mail, outcome));
  };
  /** A mail that went out but is not recorded would go out again: a short trouble of the database is waited out. */
  const record = async (mail: ClaimedMail, outcome: SendingOutcome): Promise<Recorded> => {
    for (const pauseMs of recordPausesMs) {
      try {
        return await recordSending(pool, mail, outcome);
      } catch (error) {
        logFailure(log, error, "recording a mail failed, trying again", {
          level: "warn",
          mailId: mail.id,
        });
        await setTimeout(pauseMs);
      }
    }
    return await recordSending(pool, mail, outcome);
  };
  const begin = (mail: ClaimedMail): void =>
    slots.begin(
      // Unrecorded, the mail becomes due again when its lease ends, marked as uncertain.
      handle(mail).catch((error: unknown) =>
        logFailure(log, error, "mail not recorded", { mailId: mail.id }),
      ),
    );
  return {
    slots,
    poll: async () => {
      const free = isAway ? 1 - slots.taken() : slots.free();
      if (free <= 0 || stopping) return 0;
      const mails = await claimMails(pool, free, options.leaseMs ?? leaseMs);
      for (const mail of mails) begin(mail);
      return isAway ? 0 : mails.length;
    },
    stop: async (drainMs) => {
      stopping = true;
      const deadline = globalThis.setTimeout(() => breakOff.abort(), drainMs);
      await slots.idle();
      clearTimeout(deadline);
    },
  };
}

/**
 * The mail as it goes out; null: taken back. What fails here, such as the database or a key that is missing, has sent
 * nothing: the mail is put off, as by a server that says "not now", and not left to the end of its lease.
 */
async function prepare(
  { takeBack, open = (mail) => mail }: Pick<MailerOptions, "takeBack" | "open">,
  mail: ClaimedMail,
): Promise<ClaimedMail | Extract<SendingOutcome, { kind: "deferred" }> | null> {
  try {
    return (await takeBack?.(mail)) ? null : open(mail);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { kind: "deferred", error: toHeaderSafe(`Not sent: ${words}`, 300) };
  }
}

/** The address stays out of the log: the outbox has it, under the mail's id. */
function report(log: Log, mail: ClaimedMail, outcome: SendingOutcome): void {
  const entry = { mailId: mail.id, attempts: mail.attempts };
  if (outcome.kind === "sent") log.info(entry, "mail sent");
  else if (outcome.kind === "interrupted") log.info(entry, "mail interrupted");
  else log.warn({ ...entry, error: outcome.error }, `mail ${outcome.kind}`);
}

/** What operators are told besides Operations and the metric: each once, not with every mail. */
function tell(
  { log, advise = (kind) => kind }: Pick<MailerOptions, "log" | "advise">,
  { id: mailId }: ClaimedMail,
  outcome: SendingOutcome,
  { isRecorded, isStopped, told, mended }: Recorded,
): void {
  const error = "error" in outcome ? outcome.error : undefined;
  if (!isRecorded) log.warn({ mailId }, "the lease of a mail expired while it was being sent");
  if (isStopped) log.warn({ mailId, error }, "an address was stopped");
  for (const notice of told) log.error({ mailId, notice, error }, advise(notice));
  if (mended.length > 0) log.info({ notices: mended }, "the mail server accepts mails again");
}
