import { randomBytes } from "node:crypto";
import { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";
import { hashPlatformKey } from "./find-platform-key.ts";
import type { PlatformKey } from "./schema.ts";

const listMax = 200;
/** `tpk_` and six more characters: enough to tell keys apart, far from enough to guess one. */
const hintLength = 10;

/** Makes a platform key of 256 random bits. The returned `key` is its only copy: the table keeps its SHA-256. */
export async function createPlatformKey(
  db: Db,
  form: { name: string },
): Promise<{ id: string; key: string }> {
  const key = `tpk_${randomBytes(32).toString("base64url")}`;
  const { id } = await db.platformKey.create({
    data: { name: form.name, keyHash: hashPlatformKey(key), hint: key.slice(0, hintLength) },
    select: { id: true },
  });
  return { id, key };
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

/** Whoever uses the key is refused from the next request on. @throws AppError not_found */
export async function revokePlatformKey(db: Db, id: string): Promise<{ name: string }> {
  const [row] = await db.platformKey.updateManyAndReturn({
    where: { id, revokedAt: null },
    data: { revokedAt: new Date() },
    select: { name: true },
  });
  if (row === undefined) throw new AppError("not_found", "No such key, or it is revoked already.");
  return row;
}
