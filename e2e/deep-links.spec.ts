import { type Browser, expect, type Page } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { test } from "#e2e/support/test.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import {
  createChannel,
  createMember,
  createProvider,
  createProviderMember,
  createUser,
} from "#testing/factories.ts";
import { startTestOidcServer, type TestOidcServer } from "./servers/oidc-server.ts";
import { sealSessionCookie } from "./support/console-client.ts";
import { linkTo, startTestMailServer, type TestMailServer } from "./support/mail-server.ts";
import { expectAccessible, gatherComplaints, showWhoIsThere } from "./support/page-checks.ts";
import { consolePort, oidcPort, smtpPort } from "./support/ports.ts";

// Whoever follows a link signed out comes to where it leads, whatever way they sign in; what was typed when a session ended
// is not lost.

const base = `http://localhost:${consolePort}`;
const password = "correct horse battery";

let database: Database;
let mailServer: TestMailServer;
let oidc: TestOidcServer;
let channelId: string;
let link: string;
const complaints: string[] = [];

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  mailServer = await startTestMailServer(smtpPort);
  oidc = await startTestOidcServer(oidcPort, base);
  const encryptionKey = Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex");
  channelId = (await createChannel(database.db, { name: "Deep", encryptionKey })).id;
  // As a mail has it.
  const range = "from=2026-11-20T10%3A00Z&to=2026-11-20T10%3A10Z&status=503";
  link = `/console/channel/${channelId}/statistics/errors?${range}`;
});
test.afterAll(async () => {
  await Promise.all([database.close(), mailServer.stop(), oidc.stop()]);
});
test.beforeEach(() => {
  complaints.length = 0;
});
test.afterEach(() => {
  // The provider's own pages ask for fonts from elsewhere.
  expect(complaints.filter((one) => one.startsWith(base))).toEqual([]);
});

async function person(overrides: Parameters<typeof createUser>[1] = {}) {
  const user = await createUser(database.db, { password, ...overrides });
  await createMember(database.db, channelId, { userId: user.id });
  return user;
}

async function open(browser: Browser, javaScriptEnabled = true): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled });
  const page = await context.newPage();
  gatherComplaints(page, complaints);
  return page;
}

async function fillSignIn(page: Page, email: string, typed = password): Promise<void> {
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password").fill(typed);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Browsers and Next write a colon of a query in two ways. */
const expectThere = (page: Page) =>
  expect.poll(() => decodeURIComponent(page.url())).toBe(decodeURIComponent(base + link));

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";

  test(`a mail's link leads to what it shows, after a wrong password too, ${how}`, async ({
    browser,
  }) => {
    const { email } = await person();
    const page = await open(browser, javaScriptEnabled);
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await fillSignIn(page, email, "not the password");
    await expect(page.getByText("The email address or the password is wrong.")).toBeVisible();
    await fillSignIn(page, email);
    await expectThere(page);
    await page.context().close();
  });

  test(`so it does after a new password was chosen by mail, ${how}`, async ({ browser }) => {
    const { email } = await person();
    const page = await open(browser, javaScriptEnabled);
    await page.goto(link);
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await expect(page).toHaveURL(/\/forgot-password\?next=/);
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expect(page.getByText(`If ${email} has an account here`)).toBeVisible();
    await page.goto(await linkTo(mailServer, email, /http:\S+\/reset-password\/\S+/));
    await page.getByLabel("New password").fill("another correct horse");
    await page.getByRole("button", { name: "Set the password" }).click();
    await fillSignIn(page, email, "another correct horse");
    await expectThere(page);
    await page.context().close();
  });
}

test("so it does through a second factor, also by way of the page to sign in", async ({
  browser,
}) => {
  const { email } = await person();
  const page = await open(browser);
  await page.goto("/sign-in");
  await fillSignIn(page, email);
  await expect(page).toHaveURL(/\/console$/);
  await page.goto("/console/profile/security");
  const card = page.locator("section").filter({ hasText: "Second factor" });
  await card.getByLabel("Current password").fill(password);
  await card.getByRole("button", { name: "Set up" }).click();
  const key = (await card.locator("p.font-mono").innerText()).replace(/\s/g, "");
  const app = new TOTP({ secret: Secret.fromBase32(key), period: 30, digits: 6 });
  await card.getByRole("textbox", { name: "Code" }).fill(app.generate());
  await card.getByRole("button", { name: "Turn on" }).click();
  const recovery = await page.locator("ul.font-mono li").first().innerText();

  await page.context().clearCookies();
  await page.goto(link);
  await fillSignIn(page, email);
  await expect(page).toHaveURL(/\/sign-in\/code/);
  await page
    .getByRole("link", { name: "Back to sign-in" })
    .or(page.locator("main a"))
    .first()
    .click();
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await fillSignIn(page, email);
  await page.getByLabel("Code").fill(recovery);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expectThere(page);
  await page.context().close();
});

test("where an earlier sign-in was to lead does not lead a later one astray", async ({
  browser,
}) => {
  const { email } = await person();
  const page = await open(browser);
  await page.goto(link);
  await fillSignIn(page, email, "not the password");
  await expect(page.getByText("The email address or the password is wrong.")).toBeVisible();
  await page.goto("/sign-in");
  await fillSignIn(page, email);
  await expect(page).toHaveURL(`${base}/console`);
  await page.context().close();
});

test("so it does by a provider, also when the provider was left and a password taken instead", async ({
  browser,
}) => {
  const { email } = await person();
  const { email: refusedEmail } = await person();
  oidc.people.set("deep", { email, email_verified: true, name: "Deep" });
  oidc.people.set("doubtful", { email: refusedEmail, email_verified: false, name: "Doubtful" });
  const page = await open(browser);
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in with Harbour ID" }).click();
  await showWhoIsThere(page, "deep");
  await page.getByRole("button", { name: /continue/i }).click();
  await expectThere(page);

  await page.context().clearCookies();
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in with Harbour ID" }).click();
  await showWhoIsThere(page, "doubtful");
  await page.getByRole("button", { name: /continue/i }).click();
  await expect(page).toHaveURL(/refused=/);
  await fillSignIn(page, refusedEmail);
  await expectThere(page);
  await page.context().close();
});

test("whoever is invited while another account is in use comes back to the invitation, and has it then", async ({
  browser,
}) => {
  const inviter = await person();
  const { email } = await createUser(database.db, { password });
  const page = await open(browser);
  await page.goto("/sign-in");
  await fillSignIn(page, inviter.email);
  await expect(page).toHaveURL(/\/console$/);
  await page.goto(`/console/channel/${channelId}/roles`);
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("button", { name: "Send invitation" }).click();
  const invitation = await linkTo(mailServer, email, /http:\S+\/invitation\/\S+/);
  await page.goto(invitation);
  await page.getByRole("button", { name: "Sign out" }).click();
  await fillSignIn(page, email);
  await expect(page).toHaveURL(invitation);
  await page.getByRole("button", { name: "Accept" }).click();
  await expect(page).toHaveURL(new RegExp(`/console/channel/${channelId}`));
  await page.context().close();
});

test("somebody without an account who follows a link signs up on the way, and comes to where it leads", async ({
  browser,
}) => {
  const email = `late-${Date.now()}@example.com`;
  const page = await open(browser);
  await page.goto("/console/profile/basics");
  await page.getByRole("link", { name: "Create an account" }).click();
  await expect(page).toHaveURL(/\/sign-up\?next=/);
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.goto(await linkTo(mailServer, email, /http:\S+\/sign-up\/\S+/));
  await page.getByLabel("Your name").fill("Late Comer");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page).toHaveURL(`${base}/console/profile/basics`);
  await page.context().close();
});

test("no address leads anybody elsewhere after sign-in", async ({ browser }) => {
  const { email } = await person();
  const page = await open(browser, false);
  for (const next of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/console",
    "/console//evil.example/..//",
    "/console/%2e%2e//evil.example",
    "/console/..%2f%2fevil.example",
    "/console\t//evil.example",
    "/console@evil.example",
    "javascript:alert(1)",
  ]) {
    await page.context().clearCookies();
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await fillSignIn(page, email);
    await expect(page).toHaveURL(`${base}/console`);
    await database.pool.query("delete from rate_limits");
  }
  await page.context().close();
});

/** A form that is half filled in, in a provider that the person may add channels to. */
async function openForm(browser: Browser, javaScriptEnabled: boolean) {
  const { db } = database;
  const user = await createUser(db, { password });
  const provider = await createProvider(db, { name: "Deep works" });
  await createProviderMember(db, provider.id, { userId: user.id });
  const page = await open(browser, javaScriptEnabled);
  const sid = await openSession(db, user.id, { userAgent: "deep links" });
  const [name = "", value = ""] = (await sealSessionCookie("tocsin.session", sid)).split("=");
  await page.context().addCookies([{ name, value, url: base }]);
  const path = `/console/provider/${provider.id}/channels/new`;
  await page.goto(path);
  await page.getByLabel("Channel name").fill("Kept through it");
  await page.getByLabel("Channel description").fill("Two lines of thought");
  await db.session.deleteMany({ where: { userId: user.id } });
  await page.getByRole("button", { name: "Create" }).click();
  return { user, page, path };
}

test("a form that is sent after the session ended keeps what was typed, and is sent again", async ({
  browser,
}) => {
  const { user, page } = await openForm(browser, true);
  await expect(page.getByRole("alert").filter({ hasText: "You are signed out" })).toBeVisible();
  await expectAccessible(page);
  const tab = page.waitForEvent("popup");
  await page.getByRole("link", { name: "Sign in in a new tab" }).click();
  const other = await tab;
  await fillSignIn(other, user.email);
  await expect(other).toHaveURL(page.url());
  await other.close();
  await expect(page.getByLabel("Channel name")).toHaveValue("Kept through it");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page).toHaveURL(/\/messaging-api$/);
  const channel = await database.db.channel.findFirstOrThrow({
    where: { name: "Kept through it" },
  });
  expect(channel.description).toBe("Two lines of thought");
  // First, because an open page of a channel that goes complains of it.
  await page.context().close();
  await database.db.channel.delete({ where: { id: channel.id } });
});

test("what became of a long form that was sent from its top is brought into view", async ({
  browser,
}) => {
  const user = await person();
  const page = await open(browser);
  await page.setViewportSize({ width: 1280, height: 420 });
  const sid = await openSession(database.db, user.id, { userAgent: "deep links" });
  const [name = "", value = ""] = (await sealSessionCookie("tocsin.session", sid)).split("=");
  await page.context().addCookies([{ name, value, url: base }]);
  await page.goto(`/console/channel/${channelId}/basics`);
  await expect(page.getByLabel("Terms of use URL")).not.toBeInViewport();
  await database.db.session.deleteMany({ where: { userId: user.id } });
  await page.getByLabel("Channel name").press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "You are signed out" })).toBeInViewport();
  await page.context().close();
});

test("without JavaScript it leads through sign-in back to the form, with what was typed", async ({
  browser,
}) => {
  const { user, page, path } = await openForm(browser, false);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await fillSignIn(page, user.email);
  await expect(page).toHaveURL(`${base}${path}`);
  await expect(page.getByText("Kept through it")).toBeVisible();
  await expect(page.getByText("Two lines of thought")).toBeVisible();
  await page.getByLabel("Channel name").fill("Filled in again");
  await page.getByLabel("Channel description").fill("Two lines of thought");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page).toHaveURL(/\/messaging-api$/);
  await page.goto(path);
  await expect(page.getByText("Kept through it")).toHaveCount(0);
  await page.context().close();
});

test("the address of an alert target, which is a secret, is not kept; its name is", async ({
  browser,
}) => {
  const user = await person();
  const page = await open(browser, false);
  const sid = await openSession(database.db, user.id, { userAgent: "deep links" });
  const [name = "", value = ""] = (await sealSessionCookie("tocsin.session", sid)).split("=");
  await page.context().addCookies([{ name, value, url: base }]);
  const path = `/console/channel/${channelId}/notifications`;
  await page.goto(path);
  await page.locator("summary").filter({ hasText: "Signed webhook" }).click();
  const form = page.getByRole("form", { name: "Signed webhook" });
  await form.getByRole("textbox", { name: "Name" }).fill("The night shift");
  await form.getByLabel("URL").fill("https://hooks.example.com/services/hush");
  await database.db.session.deleteMany({ where: { userId: user.id } });
  await form.getByRole("button", { name: "Add", exact: true }).click();
  await fillSignIn(page, user.email);
  await expect(page).toHaveURL(base + path);
  await expect(page.getByRole("status").filter({ hasText: "The night shift" })).toBeVisible();
  expect(await page.content()).not.toContain("hush");
  for (const cookie of await page.context().cookies()) {
    expect(Buffer.from(cookie.value, "base64url").toString()).not.toContain("hush");
  }
  await page.context().close();
});
