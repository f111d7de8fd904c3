import type { Pool } from "pg";
import type { ClaimedMail } from "./claim-mails.ts";
import { nextTryDelayMs, uncertainDelayMs } from "./next-try.ts";
import { suppressAddress } from "./suppress-address.ts";

/** What came of one try to send a mail. `error` is for operators: the server's words, or what went wrong here. */
export type SendingOutcome =
  | { kind: "sent" }
  /** The server said no for good; `isAddress`: because nobody reads this address. */
  | { kind: "refused"; error: string; isAddress: boolean }
  /** The mail is surely not taken; a later try may go through. */
  | { kind: "deferred"; error: string }
  /** All of it was sent, but no answer came: it may be taken. */
  | { kind: "uncertain"; error: string }
  /** Stopped by this process before it could be taken: not the mail's fault, due again at once. */
  | { kind: "interrupted" };

type Decision = { state: "sent" | "failed" | "queued"; delayMs: number; error: string | null };

/**
 * Records what came of a claimed mail. Does nothing, and returns false, when the claim is no longer the caller's: its
 * lease has ended and another worker has it.
 */
export async function recordSending(
  pool: Pool,
  mail: Pick<ClaimedMail, "id" | "attempts" | "ageMs" | "uncertain" | "recipient">,
  outcome: SendingOutcome,
): Promise<boolean> {
  const { state, delayMs, error } = decide(mail, outcome);
  if (outcome.kind === "refused" && outcome.isAddress) {
    await suppressAddress(pool, mail.recipient, outcome.error);
  }
  const { rowCount } = await pool.query({
    name: "record-sending",
    text: `update mails
              set state = $3::mail_state,
                  due_at = now() + $4 * interval '1 millisecond',
                  last_error = $5,
                  sent_at = case when $3 = 'sent' then now() end,
                  -- A link that only the recipient may use has done its duty here.
                  sealed_content = case when $3 = 'queued' then sealed_content end,
                  uncertain_at = case when $6 then coalesce(uncertain_at, now()) else uncertain_at end
            where id = $1 and state = 'sending' and attempts = $2`,
    values: [mail.id, mail.attempts, state, delayMs, error, outcome.kind === "uncertain"],
  });
  return rowCount === 1;
}

/** Pure: from the outcome to the row. A mail is sent again at most once after its fate was unknown. */
function decide(
  mail: Pick<ClaimedMail, "attempts" | "ageMs" | "uncertain">,
  outcome: SendingOutcome,
): Decision {
  switch (outcome.kind) {
    case "sent":
      return { state: "sent", delayMs: 0, error: null };
    case "refused":
      return { state: "failed", delayMs: 0, error: outcome.error };
    case "interrupted":
      return { state: "queued", delayMs: 0, error: null };
    case "uncertain":
      return mail.uncertain
        ? { state: "failed", delayMs: 0, error: outcome.error }
        : { state: "queued", delayMs: uncertainDelayMs, error: outcome.error };
    case "deferred": {
      const delayMs = nextTryDelayMs(mail.attempts, mail.ageMs);
      return delayMs === null
        ? { state: "failed", delayMs: 0, error: outcome.error }
        : { state: "queued", delayMs, error: outcome.error };
    }
  }
}
