import { type BrowserContext, expect, type Page } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { startTestOidcServer, type TestOidcServer } from "#e2e/servers/oidc-server.ts";
import { test } from "#e2e/support/test.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { issueChannelToken } from "#lib/tokens/channel-tokens.ts";
import { themeCookie } from "#lib/web/cookies.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { createConsoleClient } from "./support/console-client.ts";
import {
  linkTo as linkOf,
  startTestMailServer,
  type TestMailServer,
} from "./support/mail-server.ts";
import {
  expectAccessible,
  gatherComplaints,
  showWhoIsThere,
  signIn,
  signInElsewhere,
} from "./support/page-checks.ts";
import { consolePort, oidcPort, smtpPort } from "./support/ports.ts";
import { withoutTable } from "./support/without-table.ts";

const password = "correct horse battery";
const consoleUrl = `http://localhost:${consolePort}`;

let database: Database;
let mailServer: TestMailServer;
let oidc: TestOidcServer;
const complaints: string[] = [];

test.beforeAll(async () => {
  database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  mailServer = await startTestMailServer(smtpPort);
  oidc = await startTestOidcServer(oidcPort, consoleUrl);
});
test.afterAll(async () => {
  await Promise.all([database.close(), mailServer.stop(), oidc.stop()]);
});
test.beforeEach(({ page }) => {
  complaints.length = 0;
  gatherComplaints(page, complaints);
});

const linkTo = (email: string, pattern: RegExp) => linkOf(mailServer, email, pattern);

async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  gatherComplaints(page, complaints);
  return page;
}

test("invited by mail, a new person makes an account, has the role, and loses it in an open page", async ({
  page,
  browser,
}) => {
  const { db } = database;
  const channel = await createChannel(db, {
    name: "Night desk",
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  const admin = await createUser(db, { name: "Ada Admin", password });
  await createMember(db, channel.id, { userId: admin.id });
  const other = await createUser(db, { name: "Otto Other", password });
  const email = `nina-${channel.id}@example.com`;

  await signIn(page, admin.email, password);
  await page.goto(`/console/channel/${channel.id}/roles`);
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByText(`An invitation is on its way to ${email}.`)).toBeVisible();
  await expectAccessible(page);
  const first = await linkTo(email, /http:\S+\/invitation\/\S+/);
  await page.getByRole("button", { name: `Send again to ${email}` }).click();
  await expect.poll(() => linkTo(email, /http:\S+\/invitation\/\S+/)).not.toBe(first);
  const link = await linkTo(email, /http:\S+\/invitation\/\S+/);

  // Somebody else who holds the link is told whom it is for, and may ask.
  const otherContext = await browser.newContext();
  const otherPage = await newPage(otherContext);
  await signIn(otherPage, other.email, password);
  await otherPage.goto(link);
  await expect(otherPage.getByText(`you are signed in as ${other.email}`)).toBeVisible();
  await otherPage.getByRole("button", { name: /Ask for an invitation/ }).click();
  await expect(otherPage.getByText("The person who invited you gets an email")).toBeVisible();
  await linkTo(admin.email, /http:\S+\/roles/);
  await otherContext.close();

  const context = await browser.newContext();
  const guest = await newPage(context);
  await guest.goto(first);
  await expect(guest.getByText("This link no longer works")).toBeVisible();
  await guest.goto(link);
  await expect(guest.getByText("Night desk")).toBeVisible();
  await expect(guest.getByText("Ada Admin")).toBeVisible();
  await expectAccessible(guest);
  await guest.getByLabel("Your name").fill("Nina New");
  await guest.getByLabel("Password").fill("too short");
  await guest.getByRole("button", { name: "Create the account" }).click();
  await guest.getByLabel("Password").fill(password);
  await guest.getByRole("button", { name: "Create the account" }).click();
  await expect(guest).toHaveURL(new RegExp(`/console/channel/${channel.id}/basics`));
  await expect(guest.getByText(channel.id).first()).toBeVisible();
  // The link of the mail has been used, and leads who used it to the place.
  await guest.goto(link);
  await expect(guest).toHaveURL(new RegExp(`/console/channel/${channel.id}/basics`));

  await page.reload();
  await page.getByLabel("Select Nina New").check();
  await page.getByRole("button", { name: "Delete selected" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Delete/ })
    .click();
  // An open dialog hides the rows behind it: it closes when the role is gone.
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("row", { name: /Nina New/ })).toHaveCount(0);
  expect(complaints).toEqual([]);

  await guest.getByRole("link", { name: "Statistics" }).click();
  await expect(guest.getByText("Nothing here").first()).toBeVisible();
  await context.close();
});

test("an account elsewhere signs in to the one with its verified address, and its session is revoked", async ({
  page,
  browser,
}) => {
  const user = await createUser(database.db, { name: "Sora SSO", password });
  oidc.people.set("sora", { email: user.email, email_verified: true, name: "Sora" });
  oidc.people.set("mallory", { email: user.email, email_verified: false, name: "Mallory" });

  await signInElsewhere(page, "mallory");
  await expect(page.getByText("does not say that your address is verified")).toBeVisible();

  const context = await browser.newContext();
  const elsewhere = await newPage(context);
  await signInElsewhere(elsewhere, "sora");
  await expect(elsewhere).toHaveURL(/\/console$/);

  await signIn(page, user.email, password);
  await page.goto("/console/profile/security");
  await expect(page.getByText(user.email).first()).toBeVisible();
  await expect(page.getByText(/Single sign-on/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "End", exact: true }).click();
  await expect(page.getByText("One session has ended.")).toBeVisible();
  await elsewhere.goto("/console/profile/basics");
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await context.close();
});

test("without a password, the account is deleted only after signing in again at the provider", async ({
  page,
}) => {
  const { db } = database;
  const { email } = await createUser(db, { name: "Petra Provider" });
  oidc.people.set("petra", { email, email_verified: true, name: "Petra" });
  await signInElsewhere(page, "petra");
  await expect(page).toHaveURL(/\/console$/);
  await linkTo(email, /a sign-in method was added[\s\S]*Harbour ID/);
  await page.goto("/console/profile/security");
  const remove = page.getByRole("button", { name: "Delete the account" });
  await expect(remove).toBeVisible();
  const confirmation = page.getByLabel(`Type ${email} to confirm`);
  await confirmation.fill("another@example.com");
  await remove.click();
  await expect(confirmation).toHaveAccessibleDescription(/your own address/);
  await confirmation.fill(email);

  // The page stays open, and the sign-in grows old.
  await db.session.updateMany({
    where: { user: { email } },
    data: { createdAt: new Date(Date.now() - 11 * 60_000) },
  });
  await remove.click();
  await expect(page.getByText("Sign in again first")).toBeVisible();
  await page.reload();
  await expect(page.getByText("this needs a sign-in within the last 10 minutes")).toHaveCount(3);
  await expect(remove).toHaveCount(0);
  await expectAccessible(page);

  await page
    .locator("section")
    .filter({ hasText: "Delete your account" })
    .getByRole("button", { name: "Sign in again with Harbour ID" })
    .click();
  // Though the provider knows this browser, it asks who sits at it.
  await showWhoIsThere(page, "petra");
  await expect(page).toHaveURL(/\/console\/profile\/security$/);
  await confirmation.fill(email);
  await remove.click();
  await expect(page).toHaveURL(/\/sign-in$/);
  expect(await db.user.count({ where: { email } })).toBe(0);
  // The provider's own pages ask for fonts from elsewhere.
  expect(complaints.filter((one) => one.startsWith(consoleUrl))).toEqual([]);
});

test("without a password, a channel's secret is shown an hour after signing in only once that was done again", async ({
  page,
}) => {
  const { db } = database;
  const { id: userId, email } = await createUser(db, { name: "Perry Provider" });
  const encryptionKey = Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex");
  const channel = await createChannel(db, { name: "Proved elsewhere", encryptionKey });
  await createMember(db, channel.id, { userId });
  oidc.people.set("perry", { email, email_verified: true, name: "Perry" });
  await signInElsewhere(page, "perry");
  await expect(page).toHaveURL(/\/console$/);
  const anHourAgo = new Date(Date.now() - 61 * 60_000);
  await db.session.updateMany({
    where: { userId },
    data: { createdAt: anHourAgo, provedAt: anHourAgo },
  });
  const basics = `/console/channel/${channel.id}/basics`;
  await page.goto(basics);
  await expect(page.getByText("this needs a sign-in within the last 60 minutes")).toBeVisible();
  await expect(page.getByRole("button", { name: "Show" })).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Sign in again with Harbour ID" }).click();
  await showWhoIsThere(page, "perry");
  await expect(page).toHaveURL(new RegExp(`${basics}$`));
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByText(/^[0-9a-f]{32}$/)).toBeVisible();
  expect(complaints.filter((one) => one.startsWith(consoleUrl))).toEqual([]);
});

const background = (page: Page) =>
  page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const light = "rgb(246, 245, 242)";
const dark = "rgb(19, 18, 24)";

test("the theme chosen in one browser stands in another from sign-in on, also without JavaScript", async ({
  page,
  browser,
}) => {
  const user = await createUser(database.db, { name: "Thea Theme", password });
  await signIn(page, user.email, password);
  expect(await background(page)).toBe(light);
  await page.getByRole("button", { name: /Account/ }).click();
  const choice = page.getByRole("dialog").getByRole("button", { name: "Dark" });
  await choice.click();
  await expect.poll(() => background(page)).toBe(dark);
  await expect(choice).toHaveAttribute("aria-pressed", "true");
  const themeOf = async () =>
    (await database.db.user.findUniqueOrThrow({ where: { id: user.id } })).theme;
  await expect.poll(themeOf).toBe("dark");
  // It is written down before the browser hears of it.
  const cookieOf = async () =>
    (await page.context().cookies()).find(({ name }) => name === themeCookie)?.value;
  await expect.poll(cookieOf).toBe("dark");
  await page.reload();
  expect(await background(page)).toBe(dark);

  const context = await browser.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(`${consoleUrl}/sign-in`);
  expect(await background(plain)).toBe(light);
  await plain.getByLabel("Email address").fill(user.email);
  await plain.getByLabel("Password").fill(password);
  await plain.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(plain).toHaveURL(/\/console$/);
  expect(await background(plain)).toBe(dark);
  await plain.goto(`${consoleUrl}/console/profile/basics`);
  await plain.getByLabel("Theme").selectOption("Light");
  await plain.getByRole("button", { name: "Save", exact: true }).click();
  await expect(plain.getByText("Saved.")).toBeVisible();
  expect(await background(plain)).toBe(light);
  expect(await themeOf()).toBe("light");
  await context.close();
  expect(complaints).toEqual([]);
});

for (const device of ["light", "dark"] as const) {
  test(`on a ${device} device the page follows it until a theme is chosen, with and without JavaScript`, async ({
    browser,
  }) => {
    for (const javaScriptEnabled of [true, false]) {
      const context = await browser.newContext({ colorScheme: device, javaScriptEnabled });
      const page = await newPage(context);
      await page.goto(`${consoleUrl}/sign-in`);
      const own = device === "light" ? light : dark;
      expect(await background(page)).toBe(own);
      for (const [name, color] of [
        ["Dark", dark],
        ["Light", light],
        ["System", own],
      ] as const) {
        const choice = page.getByRole("button", { name, exact: true });
        // The browser shows it before it is told that it was kept; a reload in between would cut that off.
        const kept = async () =>
          (await context.cookies()).find((cookie) => cookie.name === "tocsin.theme")?.value;
        await choice.click();
        await expect(choice).toHaveAttribute("aria-pressed", "true");
        await expect.poll(() => background(page)).toBe(color);
        await expect.poll(kept).toBe(name.toLowerCase());
        await page.reload();
        await expect(choice).toHaveAttribute("aria-pressed", "true");
        expect(await background(page)).toBe(color);
        // The checker is a script itself.
        if (javaScriptEnabled) await expectAccessible(page);
      }
      await context.close();
    }
    expect(complaints).toEqual([]);
  });
}

test("a second factor is set up, asked for, and none of its codes works twice", async ({
  page,
}) => {
  const user = await createUser(database.db, { name: "Toto Totp", password });
  await signIn(page, user.email, password);
  await page.goto("/console/profile/security");
  const card = page.locator("section").filter({ hasText: "Second factor" });
  await card.getByLabel("Current password").fill(password);
  await card.getByRole("button", { name: "Set up" }).click();
  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  await expectAccessible(page);
  const key = (await card.locator("p.font-mono").innerText()).replace(/\s/g, "");
  const app = new TOTP({ secret: Secret.fromBase32(key), period: 30, digits: 6 });
  const used = app.generate();
  await card.getByRole("textbox", { name: "Code" }).fill(used);
  await card.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("Keep these recovery codes")).toBeVisible();
  const recovery = await page.locator("ul.font-mono li").first().innerText();

  await page.context().clearCookies();
  await page.goto("/sign-in");
  await page.getByLabel("Email address").fill(user.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/sign-in\/code/);
  await expectAccessible(page);
  await page.getByLabel("Code").fill(used);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByText("The code is wrong or was already used.")).toBeVisible();
  await page.getByLabel("Code").fill(recovery.toUpperCase());
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/console$/);
  await page.goto("/console/profile/security");
  await expect(page.getByText("9 recovery codes are left.")).toBeVisible();
  expect(complaints).toEqual([]);
});

test("a forgotten password is chosen anew by mail, also without JavaScript, and old sessions end", async ({
  page,
  browser,
}) => {
  const user = await createUser(database.db, { name: "Fay Forgot", password });
  const channel = await createChannel(database.db, { name: "Left behind" });
  await createMember(database.db, channel.id, { userId: user.id });
  await signIn(page, user.email, password);
  // Whoever sits at the session invites an address of theirs, and has a token issued.
  await page.goto(`/console/channel/${channel.id}/roles`);
  await page.getByLabel("Email address").fill("thief@example.com");
  await page.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByText(/thief@example.com/).first()).toBeVisible();
  const issued = { channelId: channel.id, keepHours: 0 };
  const actor = { kind: "user", ...{ id: user.id, name: user.name, isOperator: false } } as const;
  await issueChannelToken(database.db, { ...actor, from: null, session: null }, issued);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  const ask = async (email: string) => {
    await plain.goto(`${consoleUrl}/forgot-password`);
    await plain.getByLabel("Email address").fill(email);
    await plain.getByRole("button", { name: "Send the link" }).click();
    await expect(plain.getByText(`If ${email} has an account here`)).toBeVisible();
  };
  await ask("nobody@example.com");
  await ask(user.email);
  const link = await linkTo(user.email, /http:\S+\/reset-password\/\S+/);
  await plain.goto(link);
  await plain.getByLabel("New password").fill("another correct horse");
  await plain.getByRole("button", { name: "Set the password" }).click();
  await expect(plain.getByText("The new password is set.")).toBeVisible();
  await expect(plain.getByText(/^Invitations that you sent/)).toBeVisible();
  await expect(plain.getByText(/^Channel access tokens issued from your account/)).toBeVisible();
  await expect(plain.getByText("thief@example.com")).toHaveCount(0);
  const told = () =>
    mailServer.mails
      .filter(({ to }) => to !== undefined && !Array.isArray(to) && to.text === user.email)
      .map(({ text }) => text ?? "")
      .join();
  await expect
    .poll(told)
    .toMatch(/thief\[@\]example\[\.\]com.*issued from your account: Left behind/s);
  await plain.goto(link);
  await expect(plain.getByText("This link no longer works")).toBeVisible();
  await context.close();

  await page.goto("/console/profile/basics");
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(page, user.email, "another correct horse");
  expect(complaints).toEqual([]);
});

test("what breaks at sign-in is told as that, and not as a wrong password", async () => {
  const client = createConsoleClient(consolePort, consoleUrl);
  const fields = { email: "nobody@example.com", password, next: "" };
  const { body } = await withoutTable(database.pool, "rate_limits", () =>
    client.act("(auth)/actions.ts#signIn", "/sign-in", fields),
  );
  expect(body).toMatch(/"message":"Something went wrong\. The reference is [0-9a-f]{8}\."/);
});
