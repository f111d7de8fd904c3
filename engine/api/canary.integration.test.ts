import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signInWithPassword } from "#lib/accounts/commands.ts";
import { issueSecretWithOverlap, revealSecrets, showSecrets } from "#lib/channels/issue-secret.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { openLog } from "#lib/log.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createChannel, createUser, testActor, testEncryptionKey } from "#testing/factories.ts";
import { createTestApi } from "#testing/test-api.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database & { url: string };
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const canary = (what: string) => `canary-${what}-${randomBytes(8).toString("hex")}`;

/** Everything that was logged, at the most talkative level. */
function listen() {
  const lines: string[] = [];
  const log = openLog("test", "trace", { write: (line) => void lines.push(line) });
  return { lines, log };
}

const written = ["audit_entries", "rate_limits", "platform_keys", "sessions", "mails"];

async function readAll(): Promise<string> {
  const texts = await Promise.all(
    written.map(async (table) => {
      const { rows } = await database.pool.query(
        `select row_to_json(t)::text as row from ${table} t`,
      );
      return rows.map(({ row }) => row).join("\n");
    }),
  );
  return texts.join("\n");
}

test("no secret that was sent, made or shown stands in a log line or in what is written down", async () => {
  const { db } = database;
  const { lines, log } = listen();
  const away = openDatabase(database.url.replace(/\/[^/]*$/, "/no_such_database"));
  const { key } = await createPlatformKey(db, testActor, { name: "gateway" });
  const password = canary("password");
  const { email } = await createUser(db, { password });
  const { id } = await createChannel(db, {
    webhookUrl: "https://bot.example.com/",
    useWebhook: true,
  });
  await issueSecretWithOverlap(db, testEncryptionKey, testActor, id);
  await showSecrets(db, testEncryptionKey, testActor, id);
  const { current, next } = await revealSecrets(db, testEncryptionKey, id);
  const planted = {
    wrongKey: canary("key"),
    cookie: canary("cookie"),
    payload: canary("payload"),
    broken: canary("broken"),
    wrongPassword: canary("typed"),
  };
  const visitor = { address: null, userAgent: "test" };
  await signInWithPassword(db, { email, password: planted.wrongPassword }, visitor).catch(
    () => undefined,
  );
  // A password typed into the field above it.
  await signInWithPassword(db, { email: password, password }, visitor).catch(() => undefined);
  await signInWithPassword(db, { email, password }, visitor);

  for (const over of [database, away]) {
    const app = createTestApi(over, { log });
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const send = (path: string, authorization: string, body: string) =>
      fetch(url + path, {
        method: "POST",
        body,
        headers: { authorization, cookie: planted.cookie, "content-type": "application/json" },
      });
    const event = JSON.stringify({ events: [{ type: "message", text: planted.payload }] });
    await send(`/v1/channels/${id}/webhooks`, `Bearer ${planted.wrongKey}`, event);
    await send(`/v1/channels/${id}/webhooks`, `Bearer ${key}`, event);
    await send(`/v1/channels/${id}/webhooks`, `Bearer ${key}`, `{"events": "${planted.broken}`);
    await send("/v1/channels", `Bearer ${key}`, `{"secret": "${planted.broken}"}`);
    await app.close();
  }
  await away.close();

  const kept = [lines.join("\n"), await readAll()].join("\n");
  // The test hears what is logged: the database that was away is told.
  expect(lines.join("")).not.toBe("");
  const secrets = [
    key,
    password,
    current,
    next?.secret ?? "",
    testEncryptionKey.toString("hex"),
    ...Object.values(planted),
  ];
  expect(secrets.filter((secret) => secret === "" || kept.includes(secret))).toEqual([]);
});
