import { requireProof } from "#lib/accounts/recent-proof.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import {
  newChannelSecret,
  openSecrets,
  overlapHours,
  type SealedSecrets,
  sealChannelSecret,
  sealNextSecret,
} from "#lib/channel-secrets/secret.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";

/** A channel's secrets in the clear. `next` is null unless an overlap runs; `from`: when it will be in force alone. */
export type RevealedSecrets = { current: string; next: { secret: string; from: Date } | null };

type Row = SealedSecrets & { from: Date | null };

/** The channel's secrets for a person to see; that they were is recorded first. @throws as revealSecrets, requireChannelRight and requireProof. */
export async function showSecrets(
  db: TransactionalDb,
  key: Buffer,
  actor: Actor,
  channelId: string,
): Promise<RevealedSecrets> {
  return db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "manage_secret");
    await requireProof(tx, actor);
    const secrets = await revealSecrets(tx, key, channelId);
    await recordAudit(tx, { actor, action: "secret_revealed", channelId });
    return secrets;
  });
}

/** Both secrets of a channel as they are in force at this moment of database time; for signing. */
export async function revealSecrets(
  db: Db,
  key: Buffer,
  channelId: string,
): Promise<RevealedSecrets> {
  const [row] = await db.$queryRaw<Row[]>`
    select sealed_secret as current, next_sealed_secret as next, next_secret_from as "from",
           coalesce(next_secret_from <= clock_timestamp(), false) as "isNextInForce"
      from channels where id = ${channelId}`;
  if (row === undefined) throw gone();
  const { current, next } = openSecrets(key, channelId, row);
  return {
    current,
    next: next === null || row.from === null ? null : { secret: next, from: row.from },
  };
}

/**
 * Issues a new channel secret that replaces every other at once: for a secret that has leaked. Of an overlap only the
 * one that the person knows of is ended: `seenOverlap` is when it would switch, null for none.
 * @throws AppError conflict while an overlap runs that was not seen; as requireChannelRight, like all below;
 *   and requireProof, like the next.
 */
export async function issueSecretAtOnce(
  db: TransactionalDb,
  key: Buffer,
  actor: Actor,
  channelId: string,
  seenOverlap: Date | null,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const row = await lockSecrets(tx, actor, channelId);
    await requireProof(tx, actor);
    const running = overlapOf(row);
    if (running !== null && running.getTime() !== seenOverlap?.getTime()) throw overlapRuns();
    await store(tx, channelId, sealChannelSecret(key, channelId, newChannelSecret()));
    await recordAudit(tx, { actor, action: "secret_issued", channelId });
  });
}

/**
 * Issues a new channel secret that signs beside the old one for 24 h and replaces it then, by database time, or when
 * somebody switches earlier. Returns when that will be.
 * @throws AppError conflict while an overlap runs: a third secret would leave a bot server with none that is known to it.
 */
export async function issueSecretWithOverlap(
  db: TransactionalDb,
  key: Buffer,
  actor: Actor,
  channelId: string,
): Promise<Date> {
  return db.$transaction(async (tx) => {
    const row = await lockSecrets(tx, actor, channelId);
    await requireProof(tx, actor);
    if (overlapOf(row) !== null) throw overlapRuns();
    const { current } = openSecrets(key, channelId, row);
    const old = row.isNextInForce ? sealChannelSecret(key, channelId, current) : row.current;
    const next = sealNextSecret(key, channelId, newChannelSecret());
    const [begun] = await tx.$queryRaw<{ from: Date }[]>`
      update channels
         set sealed_secret = ${old}, next_sealed_secret = ${next},
             next_secret_from = clock_timestamp() + make_interval(hours => ${overlapHours}::int)
       where id = ${channelId}
      returning next_secret_from as "from"`;
    if (begun === undefined) throw gone();
    const after = { inForceAloneFrom: begun.from.toISOString() };
    await recordAudit(tx, { actor, action: "secret_overlap_begun", channelId, after });
    return begun.from;
  });
}

/**
 * Ends an overlap early: from now on the new secret signs alone. `from` says which overlap, as the person saw it.
 * @throws AppError conflict when it does not run any more.
 */
export async function switchSecret(
  db: TransactionalDb,
  key: Buffer,
  actor: Actor,
  channelId: string,
  from: Date,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const row = await lockOverlap(tx, actor, channelId, from);
    const { next } = openSecrets(key, channelId, row);
    if (next === null) throw overlapGone();
    await store(tx, channelId, sealChannelSecret(key, channelId, next));
    await recordAudit(tx, { actor, action: "secret_switched", channelId });
  });
}

/**
 * Takes an overlap back: the old secret stays, the new one is forgotten. `from` as for switchSecret.
 * @throws AppError conflict when it does not run any more.
 */
export async function cancelOverlap(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  from: Date,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const row = await lockOverlap(tx, actor, channelId, from);
    await store(tx, channelId, row.current);
    await recordAudit(tx, { actor, action: "secret_overlap_cancelled", channelId });
  });
}

/** One Admin after the other: who comes second sees what the first has done, and when. */
async function lockSecrets(tx: Db, actor: Actor, channelId: string): Promise<Row> {
  const [row] = await tx.$queryRaw<Omit<Row, "isNextInForce">[]>`
    select sealed_secret as current, next_sealed_secret as next, next_secret_from as "from"
      from channels where id = ${channelId} for no key update`;
  if (row === undefined) throw gone();
  await requireChannelRight(tx, actor, channelId, "manage_secret");
  // Asked once the lock is held: waiting for it may have taken until after the switch.
  const [clock] = await tx.$queryRaw<{ isPast: boolean }[]>`
    select coalesce(${row.from}::timestamptz <= clock_timestamp(), false) as "isPast"`;
  return { ...row, isNextInForce: clock?.isPast ?? false };
}

async function lockOverlap(tx: Db, actor: Actor, channelId: string, from: Date): Promise<Row> {
  const row = await lockSecrets(tx, actor, channelId);
  if (overlapOf(row)?.getTime() !== from.getTime()) throw overlapGone();
  return row;
}

/** When the running overlap ends; null when none runs. */
const overlapOf = (row: Row): Date | null => (row.isNextInForce ? null : row.from);

async function store(tx: Db, channelId: string, sealedSecret: string): Promise<void> {
  await tx.channel.update({
    where: { id: channelId },
    data: { sealedSecret, nextSealedSecret: null, nextSecretFrom: null },
    select: { id: true },
  });
}

const gone = () => new AppError("not_found", "The channel no longer exists.");
const overlapRuns = () =>
  new AppError("conflict", "A secret was already issued, and both overlap now.", {
    key: "secret_overlap_runs",
  });
const overlapGone = () =>
  new AppError("conflict", "This overlap of two secrets has already ended.", {
    key: "secret_overlap_gone",
  });
