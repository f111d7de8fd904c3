import type { Pool } from "pg";
import type { Log } from "#lib/log.ts";
import { claimMailbox, markRead } from "#lib/outbox/bounce-mailbox.ts";
import { clearNotice, raiseNotice } from "#lib/outbox/notices.ts";
import type { NoticeKind } from "#lib/outbox/schema.ts";
import { withClient } from "#lib/outbox/statement.ts";
import { type BounceMailbox, folderOf, type ReadMailbox, readBounces } from "./read-bounces.ts";

/**
 * Reads the mailbox that bounces come to, whenever it is due; resolves with how many were ours. One that cannot be read
 * is told to operators once, and read on from where it was left when it can be. A message that cannot be read or recorded
 * is named in the log, once the mark is past it.
 */
export function createBounceReader({
  pool,
  mailbox,
  advise,
  log,
}: {
  pool: Pool;
  mailbox: BounceMailbox;
  advise: (kind: NoticeKind) => string;
  log: Log;
}): () => Promise<number> {
  const { username, host } = new URL(mailbox.url);
  const name = `${username}@${host}/${folderOf(mailbox.url)}`;
  return async () => {
    const mark = await claimMailbox(pool, name);
    if (mark === null) return 0;
    const run = withClient(pool);
    try {
      const read = await readBounces(pool, mailbox, mark);
      await markRead(pool, name, read.mark);
      if (await clearNotice(run, "bounces")) log.info("the mailbox for bounces can be read again");
      report(log, read, advise);
      return read.bounces.length;
    } catch (error) {
      const isNew = await raiseNotice(run, "bounces", wordsOf(error));
      log[isNew ? "error" : "warn"](
        { notice: "bounces", error: wordsOf(error) },
        advise("bounces"),
      );
      return 0;
    }
  };
}

/** A message that was left out once is not read again, so each is told of once. */
function report(
  log: Log,
  { bounces, leftOut }: ReadMailbox,
  advise: (kind: NoticeKind) => string,
): void {
  for (const { error, ...message } of leftOut) {
    log.error({ ...message, error: wordsOf(error) }, "a message in the bounce mailbox was skipped");
  }
  for (const { mailId, isStopped, told } of bounces) {
    log.warn({ mailId, isStopped }, "a mail bounced");
    for (const notice of told) log.error({ mailId, notice }, advise(notice));
  }
}

/** What the server answered says more than that a command failed. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, responseText }: Error & { responseText?: unknown } = error;
  return typeof responseText === "string" ? `${message}: ${responseText}` : message;
}
