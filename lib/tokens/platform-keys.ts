import { randomBytes } from "node:crypto";
import { requireOperatorRight } from "#lib/accounts/hold-actor.ts";
import { requireProof } from "#lib/accounts/recent-proof.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import type { PlatformKey } from "./schema.ts";
import { hashToken } from "./token-hash.ts";

const listMax = 200;
/** `tpk_` and six more characters: enough to tell keys apart, far from enough to guess one. */
const hintLength = 10;

/** Makes a platform key of 256 random bits. The returned `key` is its only copy: the table keeps its SHA-256. @throws AppError as requireOperatorRight and requireProof. */
export async function createPlatformKey(
  db: TransactionalDb,
  actor: Actor,
  form: { name: string },
): Promise<{ id: string; key: string }> {
  const key = `tpk_${randomBytes(32).toString("base64url")}`;
  const hint = key.slice(0, hintLength);
  return db.$transaction(async (tx) => {
    await requireOperatorRight(tx, actor);
    await requireProof(tx, actor);
    const { id } = await tx.platformKey.create({
      data: {
        ...{ name: form.name, keyHash: hashToken(key), hint },
        createdById: actor.kind === "user" ? actor.id : null,
      },
      select: { id: true },
    });
    const target = { kind: "platform_key" as const, id, name: form.name };
    await recordAudit(tx, { actor, action: "platform_key_created", target });
    return { id, key };
  });
}

/** Newest first; revoked ones too, so that their name still explains old log lines. At most 200. */
export async function listPlatformKeys(db: Db): Promise<PlatformKey[]> {
  return db.platformKey.findMany({
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: listMax,
    select: {
      id: true,
      name: true,
      hint: true,
      createdAt: true,
      lastUsedAt: true,
      revokedAt: true,
    },
  });
}

/** Whoever uses the key is refused from the next request on. @throws AppError not_found; as requireOperatorRight. */
export async function revokePlatformKey(
  db: TransactionalDb,
  actor: Actor,
  id: string,
): Promise<{ name: string }> {
  return db.$transaction(async (tx) => {
    await requireOperatorRight(tx, actor);
    const [row] = await tx.platformKey.updateManyAndReturn({
      where: { id, revokedAt: null },
      data: { revokedAt: await databaseTime(tx) },
      select: { name: true },
    });
    if (row === undefined)
      throw new AppError("not_found", "There is no such key, or it is already revoked.");
    const target = { kind: "platform_key" as const, id, name: row.name };
    await recordAudit(tx, { actor, action: "platform_key_revoked", target });
    return row;
  });
}
