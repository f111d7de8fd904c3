import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { childEnv } from "#engine/start/child-env.ts";
import { beginConsole } from "#engine/start/product.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { type Database, inTransaction, openDatabase } from "#lib/db.ts";
import { createTroubleTeller } from "#lib/intake/told-trouble.ts";
import { signMailToken } from "#lib/notifications/mail-token.ts";
import { createChannel, createUser } from "#testing/factories.ts";
import { startDatabaseProxy } from "./servers/database-proxy.ts";
import { sealSessionCookie } from "./support/console-client.ts";
import { expectAccessible, gatherComplaints, signIn } from "./support/page-checks.ts";
import { consolePort, secondConsolePort } from "./support/ports.ts";

const password = "correct horse battery";
let database: Database;
test.beforeAll(() => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
});
test.afterAll(() => database.close());

test("Operations says on every page why no events are taken in, for as long as that lasts", async ({
  page,
}) => {
  const complaints: string[] = [];
  const operator = await createUser(database.db, { isOperator: true, password });
  gatherComplaints(page, complaints);
  await signIn(page, operator.email, password);
  const teller = createTroubleTeller(database.pool);
  const notice = page.getByRole("alert").filter({ hasText: "No events are being accepted" });
  try {
    await teller.tell(["disk_full"]);
    await page.goto("/console/operations/platform-keys");
    await expect(notice).toContainText("The database’s disk is full.");
    await expectAccessible(page);
    await teller.tell(["queue_long"]);
    await page.goto("/console/operations/outbox");
    await expect(notice).toContainText("the limit is 1,000,000");
  } finally {
    teller.stop();
  }
  await expect(async () => {
    await page.goto("/console/operations/outbox");
    await expect(page.getByRole("heading", { name: "Operations" })).toBeVisible();
    await expect(notice).toHaveCount(0, { timeout: 1_000 });
  }).toPass();
  expect(complaints).toEqual([]);
});

/** A console of its own, with a way to the database that can be cut. */
async function beginApart() {
  const proxy = await startDatabaseProxy(process.env.E2E_DATABASE_URL ?? "");
  const origin = `http://localhost:${secondConsolePort}`;
  const begin = () =>
    beginConsole({
      name: "console of a silent database",
      port: secondConsolePort,
      say: console.log,
      env: childEnv({
        NODE_ENV: "production",
        DATABASE_URL: proxy.url,
        AUTH_SECRET: process.env.E2E_AUTH_SECRET,
        ENCRYPTION_KEY: process.env.E2E_ENCRYPTION_KEY,
        BASE_URL: origin,
        LOG_LEVEL: "fatal",
      }),
    });
  return { proxy, origin, begin };
}

async function expectSilent(refused: Response): Promise<void> {
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await refused.text()).toContain("The database cannot be reached right now.");
}

test("a console whose database has gone silent answers 503 with a time to come back, and is there again by itself", async () => {
  const { proxy, origin, begin } = await beginApart();
  const silent = begin();
  try {
    await silent.ready;
    const { id } = await createUser(database.db);
    const cookie = await sealSessionCookie(
      "tocsin.session",
      await openSession(database.db, id, { userAgent: "silent" }),
    );
    const get = (path: string) => fetch(origin + path, { headers: { cookie }, redirect: "manual" });
    const before = await get("/console");
    expect([before.status, before.headers.get("location")]).toEqual([200, null]);
    proxy.cut();
    await expectSilent(await get("/console"));
    expect((await get("/readyz")).status).toBe(503);
    expect((await get("/healthz")).status).toBe(200);
    proxy.mend();
    await expect(async () => expect((await get("/console")).status).toBe(200)).toPass();
    expect((await get("/readyz")).status).toBe(200);
  } finally {
    proxy.mend();
    await silent.stop();
    await proxy.close();
  }
});

test("a console that is begun while its database is silent says so from its first page on", async () => {
  const { proxy, origin, begin } = await beginApart();
  proxy.cut();
  const silent = begin();
  try {
    await silent.ready;
    const get = () => fetch(`${origin}/sign-in`, { redirect: "manual" });
    await expectSilent(await get());
    proxy.mend();
    await expect(async () => expect((await get()).status).toBe(200)).toPass();
  } finally {
    proxy.mend();
    await silent.stop();
    await proxy.close();
  }
});

test("a page or handler that runs into a lock answers 503 with a time to come back, and later as ever", async () => {
  const origin = `http://localhost:${consolePort}`;
  const operator = await createUser(database.db, { isOperator: true });
  const cookie = await sealSessionCookie(
    "tocsin.session",
    await openSession(database.db, operator.id, { userAgent: "locked" }),
  );
  const { id: channelId } = await createChannel(database.db);
  const link = { kind: "channel" as const, channelId, address: operator.email };
  const token = signMailToken(Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"), link);
  const ask = async () => {
    const asked = [
      fetch(`${origin}/console/operations/set-aside`, { headers: { cookie } }),
      fetch(`${origin}/unsubscribe/${token}/one-click`, { method: "POST" }),
    ];
    return (await Promise.all(asked)).map(({ status, headers }) => [
      status,
      headers.get("retry-after"),
    ]);
  };
  await inTransaction(database.pool, async (holder) => {
    await holder.query("lock table set_aside_webhooks, mail_preferences in access exclusive mode");
    expect(await ask()).toEqual([
      [503, "2"],
      [503, "2"],
    ]);
  });
  expect(await ask()).toEqual([
    [200, null],
    [200, null],
  ]);
});

test("a sign-in that runs into a lock says so in words, and is nobody's defect", async ({
  page,
}) => {
  const { email } = await createUser(database.db, { password });
  await page.goto("/sign-in");
  await inTransaction(database.pool, async (holder) => {
    await holder.query("lock table rate_limits in access exclusive mode");
    await page.getByLabel("Email address").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByText("The database is not responding right now.")).toBeVisible();
  });
});
