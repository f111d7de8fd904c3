import type { Pool } from "pg";
import { inTransaction } from "#lib/db.ts";
import type { ClaimedMail } from "./claim-mails.ts";
import { nextTryDelayMs, serverTroubleDelayMs, uncertainDelayMs } from "./next-try.ts";
import { noteRefusal } from "./note-refusal.ts";
import { clearServerTroubles, raiseNotice } from "./notices.ts";
import type { MailTrouble, NoticeKind, ServerTrouble } from "./schema.ts";
import { type RunStatement, withClient } from "./statement.ts";

/** What came of one try to send a mail. `error` is for operators: the server's words, or what went wrong here. */
export type SendingOutcome =
  | { kind: "sent" }
  /** The server said no for good, or no server may ever see this mail. */
  | { kind: "refused"; error: string; about: "address" | "doubtful" | "sender" | "message" }
  /** The mail is surely not taken; a later try may go through. */
  | { kind: "deferred"; error: string }
  /** It did not come to the mail: the server is away, or settings are wrong. */
  | { kind: "unreachable"; error: string; trouble: ServerTrouble }
  /** All of it was sent, but no answer came: it may be taken. */
  | { kind: "uncertain"; error: string }
  /** Stopped by this process before it could be taken: not the mail's fault, due again at once. */
  | { kind: "interrupted" };

/** `isRecorded` false: the claim is no longer the caller's, its lease has ended and another worker has the mail. */
export type Recorded = {
  isRecorded: boolean;
  /** The address is stopped from now on. */
  isStopped: boolean;
  /** What operators have to be told now, and what is over. */
  told: readonly NoticeKind[];
  mended: readonly NoticeKind[];
};

type Mail = Pick<ClaimedMail, "id" | "attempts" | "ageMs" | "uncertain" | "recipient">;

type Decision = {
  state: "sent" | "failed" | "queued";
  delayMs: number;
  error: string | null;
  trouble: MailTrouble | null;
};

/** Records what came of a claimed mail, for the mail, for its address and for operators, in one transaction. */
export async function recordSending(
  pool: Pool,
  mail: Mail,
  outcome: SendingOutcome,
): Promise<Recorded> {
  return inTransaction(pool, async (client) => {
    const run = withClient(client);
    const isRecorded = await recordMail(run, mail, outcome);
    return { isRecorded, ...(await draw(run, mail, outcome)) };
  });
}

async function recordMail(
  run: RunStatement,
  mail: Mail,
  outcome: SendingOutcome,
): Promise<boolean> {
  const { state, delayMs, error, trouble } = decide(mail, outcome);
  const rows = await run(
    `update mails
        set state = $3::mail_state,
            due_at = now() + $4 * interval '1 millisecond',
            last_error = $5,
            trouble = $6,
            -- What the server never saw has all its time before it.
            queued_at = case when $6 = 'server' then now() else queued_at end,
            sent_at = case when $3 = 'sent' then now() end,
            -- A link that only the recipient may use has done its duty here; a mail that failed can be sent again.
            sealed_content = case when $3 <> 'sent' then sealed_content end,
            uncertain_at = case when $6 = 'uncertain' then coalesce(uncertain_at, now()) else uncertain_at end
      where id = $1 and state = 'sending' and attempts = $2
      returning id`,
    [mail.id, mail.attempts, state, delayMs, error, trouble],
  );
  return rows.length === 1;
}

/** What the outcome says beyond its mail. */
async function draw(
  run: RunStatement,
  mail: Mail,
  outcome: SendingOutcome,
): Promise<Omit<Recorded, "isRecorded">> {
  const nothing = { isStopped: false, told: [], mended: [] };
  switch (outcome.kind) {
    case "sent":
      return { ...nothing, mended: await clearServerTroubles(run) };
    case "unreachable": {
      const isNew = await raiseNotice(run, outcome.trouble, outcome.error);
      return { ...nothing, told: isNew ? [outcome.trouble] : [] };
    }
    case "refused": {
      const { about, error: answer } = outcome;
      if (about === "message") return nothing;
      if (about === "sender") {
        return { ...nothing, told: (await raiseNotice(run, about, answer)) ? [about] : [] };
      }
      const refusal = { mailId: mail.id, recipient: mail.recipient, answer };
      const verdict = await noteRefusal(run, { ...refusal, isSure: about === "address" });
      return { ...nothing, isStopped: verdict.stopped, told: verdict.told };
    }
    case "deferred":
    case "uncertain":
    case "interrupted":
      return nothing;
  }
}

/** Pure: from the outcome to the row. A mail is sent again at most once after its fate was unknown. */
function decide(
  mail: Pick<Mail, "attempts" | "ageMs" | "uncertain">,
  outcome: SendingOutcome,
): Decision {
  switch (outcome.kind) {
    case "sent":
      return { state: "sent", delayMs: 0, error: null, trouble: null };
    case "refused":
      return { state: "failed", delayMs: 0, error: outcome.error, trouble: outcome.about };
    case "interrupted":
      return { state: "queued", delayMs: 0, error: null, trouble: null };
    case "unreachable": {
      const delayMs = serverTroubleDelayMs(mail.attempts);
      return { state: "queued", delayMs, error: outcome.error, trouble: "server" };
    }
    case "uncertain": {
      const state = mail.uncertain ? "failed" : "queued";
      return { state, delayMs: uncertainDelayMs, error: outcome.error, trouble: "uncertain" };
    }
    case "deferred": {
      const delayMs = nextTryDelayMs(mail.attempts, mail.ageMs);
      return {
        state: delayMs === null ? "failed" : "queued",
        delayMs: delayMs ?? 0,
        error: outcome.error,
        trouble: "delay",
      };
    }
  }
}
