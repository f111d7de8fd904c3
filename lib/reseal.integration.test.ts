import { createCipheriv, randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { issueSecretWithOverlap, revealSecrets } from "#lib/channels/issue-secret.ts";
import type { Database } from "#lib/db.ts";
import { readSchema } from "#prisma/migrate.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { resealAll, sealedColumns } from "./reseal.ts";
import { keyRing, sealedPrefix } from "./sealing.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** As sealed before keys had names. */
function sealNameless(key: Buffer, place: string, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return `v1.${[nonce, sealed, cipher.getAuthTag()].map((part) => part.toString("base64url")).join(".")}`;
}

test("after a rotation the new key alone opens everything, whatever sealed it, and again there is nothing to do", async () => {
  const { db, pool } = database;
  const [old, oldest, current] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const ring = keyRing(current, [old, oldest]);
  const secrets = new Map<string, string>();
  for (let n = 0; n < 150; n += 1) {
    const channel = await createChannel(db, { encryptionKey: n % 2 === 0 ? old : oldest });
    secrets.set(channel.id, channel.secret);
  }
  const overlapping = await createChannel(db, { encryptionKey: old });
  await issueSecretWithOverlap(db, old, testActor, overlapping.id);
  const nameless = await createChannel(db, { encryptionKey: old });
  const place = `channels.sealed_secret.${nameless.id}`;
  const sealedSecret = sealNameless(oldest, place, "nameless");
  await db.channel.update({ where: { id: nameless.id }, data: { sealedSecret } });
  secrets.set(nameless.id, "nameless").set(overlapping.id, overlapping.secret);

  // Both work while it is under way.
  for (const [id, secret] of secrets)
    expect((await revealSecrets(db, ring, id)).current).toBe(secret);
  expect(await resealAll(pool, ring)).toEqual({ resealedCount: 153, failed: [] });
  for (const [id, secret] of secrets)
    expect((await revealSecrets(db, current, id)).current).toBe(secret);
  expect((await revealSecrets(db, current, overlapping.id)).next).not.toBeNull();
  expect(await resealAll(pool, ring)).toEqual({ resealedCount: 0, failed: [] });
  const rows = await db.channel.findMany({ select: { sealedSecret: true } });
  expect(rows.every((row) => row.sealedSecret.startsWith(sealedPrefix(current)))).toBe(true);
});

test("what no key opens is named and left as it is, and the rest is sealed anew", async () => {
  const { db, pool } = database;
  const [old, lost, current] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  await db.channel.deleteMany();
  const foreign = await createChannel(db, { encryptionKey: lost });
  const known = await createChannel(db, { encryptionKey: old });
  expect(await resealAll(pool, keyRing(current, [old]))).toEqual({
    resealedCount: 1,
    failed: [`channels.sealed_secret.${foreign.id}`],
  });
  expect((await revealSecrets(db, current, known.id)).current).toBe(known.secret);
  expect((await revealSecrets(db, lost, foreign.id)).current).toBe(foreign.secret);
});

test("every sealed column of the schema is sealed anew by a rotation", async () => {
  const schema = await readSchema();
  const found = [...schema.matchAll(/^model \w+ \{([\s\S]*?)^\}/gm)].flatMap(([, body = ""]) => {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1];
    const columns = body.matchAll(/^ +\w*[sS]ealed\w* .*@map\("(\w+)"\)/gm);
    return [...columns].map(([, column]) => `${table}.${column}`);
  });
  expect(sealedColumns.map(({ table, column }) => `${table}.${column}`).sort()).toEqual(
    found.sort(),
  );
});
