import { expect } from "@playwright/test";
import { test } from "#e2e/support/test.ts";
import { childEnv } from "#engine/start/child-env.ts";
import type { Part } from "#engine/start/part.ts";
import { beginConsole } from "#engine/start/product.ts";
import { accountLimits } from "#lib/accounts/limits.ts";
import { mailLimits } from "#lib/accounts/mail-limits.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { verifyLimit } from "#lib/channels/verify-webhook.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { exportLimit, signInLimits } from "#lib/limits/rate-limit.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { createConsoleClient, sealSessionCookie } from "./support/console-client.ts";
import { consolePort, secondConsolePort } from "./support/ports.ts";

// Two console processes over one database: the product's own by plain http, and one behind a proxy that ends TLS.

const secureOrigin = "https://console.example.com";
const plainName = "tocsin.session";
const secureName = "__Host-tocsin.session";
const password = "correct horse battery";
const tooMany = "Too many attempts.";
const wrong = "The email address or the password is wrong.";

const plain = createConsoleClient(consolePort, `http://localhost:${consolePort}`);
const secure = createConsoleClient(secondConsolePort, secureOrigin);

let database: Database;
let second: Part;

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  second = beginConsole({
    name: "second console",
    port: secondConsolePort,
    say: console.log,
    env: childEnv({
      NODE_ENV: "production",
      DATABASE_URL: process.env.E2E_DATABASE_URL,
      AUTH_SECRET: process.env.E2E_AUTH_SECRET,
      ENCRYPTION_KEY: process.env.E2E_ENCRYPTION_KEY,
      BASE_URL: secureOrigin,
      ALLOW_TARGETS: "127.0.0.0/8",
      ALLOW_HTTP_TARGETS: "true",
      LOG_LEVEL: "warn",
    }),
  });
  await second.ready;
});
test.afterAll(async () => {
  await second.stop();
  await database.close();
});

const signInAt = (at: typeof plain, email: string, typed: string, cookie?: string) =>
  at.act("(auth)/actions.ts#signIn", "/sign-in", { email, password: typed, next: "" }, cookie);

/** A session that is there, with the cookie that each console knows it by. */
async function openSessionOf(userId: string) {
  const sid = await openSession(database.db, userId, { userAgent: "second console" });
  return {
    plain: await sealSessionCookie(plainName, sid),
    secure: await sealSessionCookie(secureName, sid),
  };
}

/** An Admin with a channel, and their session. */
async function createAdmin() {
  const user = await createUser(database.db);
  const channel = await createChannel(database.db, {
    errorStatisticsAggregation: true,
    webhookUrl: "http://127.0.0.1:9/",
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  await createMember(database.db, channel.id, { userId: user.id });
  const cookies = await openSessionOf(user.id);
  return { user, channel, cookies };
}

/** `name=value` of the cookie that an answer sets, and its attributes. */
function setCookie(answer: { cookies: string[] }, name: string) {
  const line = answer.cookies.findLast((one) => one.startsWith(`${name}=`)) ?? "";
  const [pair = "", ...attributes] = line.split(/;\s*/);
  return { pair, attributes: attributes.map((one) => one.toLowerCase()) };
}

const isSignedIn = async (at: typeof plain, cookie: string): Promise<boolean> => {
  const { status, location } = await at.get("/console/profile/basics", cookie);
  if (status === 200) return true;
  expect(location).toContain("/sign-in");
  return false;
};

test("wrong passwords are counted over both consoles, and past the limit the right one is refused at either", async () => {
  const user = await createUser(database.db, { password });
  const other = await createUser(database.db, { password });
  for (let n = 0; n < signInLimits.account.max; n += 1) {
    const answer = await signInAt(n % 2 === 0 ? plain : secure, user.email, `wrong ${n}`);
    expect(answer.body).toContain(wrong);
  }
  for (const at of [plain, secure]) {
    const answer = await signInAt(at, user.email, password);
    expect(answer.body).toContain(tooMany);
    for (const name of [plainName, secureName]) expect(setCookie(answer, name).pair).toBe("");
    // Nobody else is held up by that.
    expect((await signInAt(at, other.email, password)).location).toContain("/console");
  }
});

test("links for a new password are counted over both consoles", async () => {
  const email = `nobody-${Date.now()}@example.com`;
  const ask = (at: typeof plain) =>
    at.act("(auth)/forgot-password/actions.ts#askForReset", "/forgot-password", { email });
  for (let n = 0; n < accountLimits.resetAddress.max; n += 1) {
    expect((await ask(n % 2 === 0 ? plain : secure)).body).toContain("an email with a link");
  }
  for (const at of [plain, secure]) expect((await ask(at)).body).toContain(tooMany);
});

test("files that one person takes out are counted over both consoles", async () => {
  const { channel, cookies } = await createAdmin();
  const path = `/console/channel/${channel.id}/statistics/errors/tsv`;
  const take = (n: number) =>
    n % 2 === 0 ? plain.get(path, cookies.plain) : secure.get(path, cookies.secure);
  for (let n = 0; n < exportLimit.max; n += 1) expect((await take(n)).status).toBe(200);
  for (const n of [0, 1]) {
    const { status, headers } = await take(n);
    expect([status, Number(headers.get("retry-after")) > 0]).toEqual([429, true]);
  }
});

test("checks of a bot server are counted over both consoles", async () => {
  const { channel, cookies } = await createAdmin();
  const path = `/console/channel/${channel.id}/messaging-api/verify`;
  const check = (n: number) =>
    n % 2 === 0 ? plain.post(path, cookies.plain) : secure.post(path, cookies.secure);
  const limited = new RegExp(`${verifyLimit.max} times within an hour`);
  for (let n = 0; n < verifyLimit.max; n += 1) expect((await check(n)).body).not.toMatch(limited);
  for (const n of [0, 1]) expect((await check(n)).body).toMatch(limited);
});

test("invitations of one address are counted over both consoles", async () => {
  const { channel, cookies } = await createAdmin();
  const fields = { placeId: channel.id, email: `guest-${channel.id}@example.com`, role: "member" };
  const path = `/console/channel/${channel.id}/roles`;
  const action = "(console)/console/channel/[channelId]/roles/actions.ts#invite";
  const invite = (n: number) =>
    n % 2 === 0
      ? plain.act(action, path, fields, cookies.plain)
      : secure.act(action, path, fields, cookies.secure);
  for (let n = 0; n < mailLimits.address.max; n += 1) {
    expect((await invite(n)).body).not.toContain(tooMany);
  }
  for (const n of [0, 1]) expect((await invite(n)).body).toContain(tooMany);
});

test("with https the session's cookie is bound to this host and to https, scripts do not see it, and HSTS is sent", async () => {
  const user = await createUser(database.db, { password });
  const answer = await signInAt(secure, user.email, password);
  const { pair, attributes } = setCookie(answer, secureName);
  expect(pair.length).toBeGreaterThan(secureName.length + 100);
  const lasting = attributes.filter((one) => !/^(expires|max-age)=/.test(one));
  expect(lasting.sort()).toEqual(["httponly", "path=/", "samesite=lax", "secure"]);
  expect(setCookie(answer, plainName).pair).toBe("");
  expect(await isSignedIn(secure, pair)).toBe(true);
  for (const path of ["/sign-in", "/console", "/healthz", "/icon.svg"]) {
    const { headers } = await secure.get(path, pair);
    expect([path, headers.get("strict-transport-security")]).toEqual([
      path,
      "max-age=31536000; includeSubDomains",
    ]);
  }
  const { headers } = await plain.get("/sign-in");
  expect(headers.get("strict-transport-security")).toBeNull();
});

test("with https a cookie without the prefix is worth nothing, also with a living session in it", async () => {
  const user = await createUser(database.db);
  const cookies = await openSessionOf(user.id);
  expect(await isSignedIn(plain, cookies.plain)).toBe(true);
  expect(await isSignedIn(secure, cookies.secure)).toBe(true);
  expect(await isSignedIn(secure, cookies.plain)).toBe(false);
  // Nor under the right name: what is sealed for one name does not open under the other.
  const renamed = cookies.plain.replace(plainName, secureName);
  expect(await isSignedIn(secure, renamed)).toBe(false);
});

test("a session that is ended at one console is gone at the other at once", async () => {
  const user = await createUser(database.db);
  const [own, stolen] = [await openSessionOf(user.id), await openSessionOf(user.id)];
  expect(await isSignedIn(secure, stolen.secure)).toBe(true);
  const path = "/console/profile/security";
  const action = "(console)/console/profile/security/actions.ts#endOthers";
  await plain.act(action, path, {}, own.plain);
  expect(await isSignedIn(secure, stolen.secure)).toBe(false);
  expect(await isSignedIn(secure, own.secure)).toBe(true);
  await secure.act("(auth)/actions.ts#signOut", "/console", {}, own.secure);
  expect(await isSignedIn(plain, own.plain)).toBe(false);
});

test("a cookie that somebody planted before sign-in is dead afterwards, and is not the one that signs in", async () => {
  const attacker = await createUser(database.db);
  const victim = await createUser(database.db, { password });
  const planted = (await openSessionOf(attacker.id)).secure;
  expect(await isSignedIn(secure, planted)).toBe(true);
  const { pair } = setCookie(await signInAt(secure, victim.email, password, planted), secureName);
  expect(pair).not.toBe(planted);
  expect(await isSignedIn(secure, planted)).toBe(false);
  const page = await secure.get("/console/profile/basics", pair);
  expect(page.body).toContain(victim.email);
});

test("signing in again makes a new session and ends the one before", async () => {
  const user = await createUser(database.db, { password });
  const first = setCookie(await signInAt(secure, user.email, password), secureName).pair;
  expect(await isSignedIn(secure, first)).toBe(true);
  const again = setCookie(await signInAt(secure, user.email, password, first), secureName).pair;
  expect(again).not.toBe(first);
  expect(await isSignedIn(secure, again)).toBe(true);
  expect(await isSignedIn(secure, first)).toBe(false);
  expect(await database.db.session.count({ where: { userId: user.id } })).toBe(1);
});
