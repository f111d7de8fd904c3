import type { Sheet } from "./sheet.ts";
import type { World } from "./world.ts";

/** A repeat has the same id; it needs a try of its own, and for a mail a doubt about the one before. */
export async function judgeCopies({ none, list }: Sheet, world: World): Promise<void> {
  const mails = await list(
    "select message_id as id, attempts::text, uncertain_at is not null as uncertain from mails",
  );
  const copiesOf = countEach(world.mails.mails.map(({ messageId = "" }) => messageId));
  none(
    "emails that arrived more often than they were tried, twice without being uncertain, or a third time",
    mails.filter(({ id = "", attempts, uncertain }) => {
      const copies = copiesOf.get(id) ?? 0;
      return copies > Number(attempts) || copies > (uncertain ? 2 : 1);
    }),
  );
  const known = new Set(mails.map(({ id }) => id));
  none(
    "emails that arrived but are not in the outbox",
    [...copiesOf.keys()].filter((id) => !known.has(id)),
  );
  const alerts = await list("select id::text, attempts::text from alerts");
  none(
    "alerts that arrived more often than they were tried",
    alerts.filter(({ id = "", attempts }) => (world.alerts.copies.get(id) ?? 0) > Number(attempts)),
  );
}

function countEach(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
