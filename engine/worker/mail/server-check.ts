import type { Pool } from "pg";
import { logFailure } from "#lib/database-log.ts";
import type { Log } from "#lib/log.ts";
import { clearServerTroubles, raiseNotice } from "#lib/outbox/notices.ts";
import type { NoticeKind } from "#lib/outbox/schema.ts";
import { withClient } from "#lib/outbox/statement.ts";
import { checkMailServer } from "./check-mail-server.ts";
import type { MailServer } from "./mail-transport.ts";

/**
 * Looks once, at the start, whether mails would leave, so that operators hear of a wrong setting before the first mail
 * that matters. Its failure stops nothing.
 */
export function createServerCheck({
  pool,
  server,
  advise,
  log,
}: {
  pool: Pool;
  server: MailServer;
  advise: (kind: NoticeKind) => string;
  log: Log;
}): { start: () => void; stop: () => void; look: () => Promise<void> } {
  const stopped = new AbortController();
  const look = async (): Promise<void> => {
    const found = await checkMailServer(server);
    if (stopped.signal.aborted) return;
    const run = withClient(pool);
    if (found === null) {
      await clearServerTroubles(run);
      log.info("the mail server answers");
      return;
    }
    await raiseNotice(run, found.trouble, found.error);
    log.error({ notice: found.trouble, error: found.error }, advise(found.trouble));
  };
  return {
    look,
    start: () => {
      look().catch((error: unknown) => {
        logFailure(log, error, "the mail server could not be checked", { level: "warn" });
      });
    },
    // A server that says nothing is not waited for.
    stop: () => stopped.abort(),
  };
}
