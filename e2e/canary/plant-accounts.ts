import { expect } from "@playwright/test";
import { decode } from "next-auth/jwt";
import { Secret, TOTP } from "otpauth";
import { fillSignIn, signIn, signInElsewhere } from "#e2e/support/page-checks.ts";
import { createUser } from "#testing/factories.ts";
import { canary, keepSecret } from "./secrets.ts";
import { newContext, newPerson, takeLink, type World } from "./world.ts";

const sessionCookie = "tocsin.session";

export async function signInAndFail(world: World): Promise<void> {
  const { secrets, browser } = world;
  const person = await newPerson(world, "Pia Password");
  const context = await newContext(browser);
  const page = await context.newPage();
  const wrong = canary();
  const misplaced = canary();
  keepSecret(secrets, "a wrong password", wrong);
  keepSecret(secrets, "a password in the field for the address", misplaced);
  for (const [email, password] of [
    [person.email, wrong],
    [`${misplaced}@example.com`, person.password],
  ] as const) {
    await fillSignIn(page, email, password);
    await expect(page.getByText("The email address or the password is wrong.")).toBeVisible();
  }
  await signIn(page, person.email, person.password);
  const cookie = (await context.cookies()).find(({ name }) => name === sessionCookie)?.value;
  keepSecret(secrets, "a session's cookie", cookie);
  const secret = process.env.E2E_AUTH_SECRET ?? "";
  const token = await decode({ token: cookie ?? "", secret, salt: sessionCookie });
  keepSecret(secrets, "a session's id", String(token?.sid));
  await context.close();
}

export async function setUpSecondFactor(world: World): Promise<void> {
  const { secrets, browser } = world;
  const person = await newPerson(world, "Toni Totp");
  const context = await newContext(browser);
  const page = await context.newPage();
  await signIn(page, person.email, person.password);
  await page.goto("/console/profile/security");
  const card = page.locator("section").filter({ hasText: "Second factor" });
  await card.getByLabel("Current password").fill(person.password);
  await card.getByRole("button", { name: "Set up" }).click();
  const key = (await card.locator("p.font-mono").innerText()).replace(/\s/g, "");
  keepSecret(secrets, "the key of a second factor", key);
  keepSecret(secrets, "its bytes in hexadecimal", Secret.fromBase32(key).hex);
  const app = new TOTP({ secret: Secret.fromBase32(key), period: 30, digits: 6 });
  await card.getByRole("textbox", { name: "Code" }).fill(app.generate());
  await card.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("Keep these recovery codes")).toBeVisible();
  const codes = await page.locator("ul.font-mono li").allInnerTexts();
  for (const [index, code] of codes.entries()) {
    keepSecret(secrets, `recovery code ${index + 1}`, code);
    keepSecret(secrets, `recovery code ${index + 1} without hyphens`, code.replaceAll("-", ""));
  }

  await context.clearCookies();
  await fillSignIn(page, person.email, person.password);
  await expect(page).toHaveURL(/\/sign-in\/code/);
  const challenge = (await context.cookies()).find(({ name }) => name === "tocsin.code")?.value;
  keepSecret(secrets, "what stands for a right password until the code comes", challenge);
  const wrongCode = canary().slice(0, 30);
  keepSecret(secrets, "a wrong recovery code", wrongCode);
  for (const code of [wrongCode, codes[0] ?? ""]) {
    await page.getByLabel("Code").fill(code);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    if (code === wrongCode) await expect(page.getByText("The code is wrong")).toBeVisible();
  }
  await expect(page).toHaveURL(/\/console$/);
  await context.close();
}

export async function followLinks(world: World): Promise<void> {
  const { secrets, browser, database } = world;
  const context = await newContext(browser);
  const page = await context.newPage();
  const newcomer = `nova-${canary()}@example.com`;
  await page.goto("/sign-up");
  await page.getByLabel("Email address").fill(newcomer);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.goto(await takeLink(world, "a sign-up", newcomer, "sign-up"));
  const first = canary();
  keepSecret(secrets, "the first password of an account", first);
  await page.getByLabel("Your name").fill("Nova New");
  await page.getByLabel("Password").fill(first);
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page).toHaveURL(/\/console$/);

  const moved = `moved-${canary()}@example.com`;
  await page.goto("/console/profile/basics");
  await page.getByLabel("New email address").fill(moved);
  await page.getByLabel("Current password").fill(first);
  await page.getByRole("button", { name: "Change the address" }).click();
  await takeLink(world, "a change of address, to the old one", newcomer, "email-change");
  const confirm = await takeLink(world, "a change of address", moved, "email-change");
  await page.goto(confirm);
  await page.getByRole("button", { name: "Confirm the change" }).click();
  await expect(page.getByText("Confirmed here.")).toBeVisible();

  await context.clearCookies();
  await page.goto("/forgot-password");
  await page.getByLabel("Email address").fill(newcomer);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.goto(await takeLink(world, "a new password", newcomer, "reset-password"));
  const second = canary();
  keepSecret(secrets, "a password chosen anew", second);
  await page.getByLabel("New password").fill(second);
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByText("The new password is set.")).toBeVisible();

  const unverified = await newPerson(world, "Uma Unverified");
  await database.db.user.update({ where: { id: unverified.id }, data: { emailVerifiedAt: null } });
  await signIn(page, unverified.email, unverified.password);
  await page.goto("/console/profile/basics");
  await page.getByRole("button", { name: "Get Verification Link" }).click();
  await page.goto(await takeLink(world, "a verification", unverified.email, "verify-email"));
  await page.getByRole("button", { name: "It is mine" }).click();
  await expect(page.getByText("The address is verified.")).toBeVisible();
  await context.close();
}

export async function signInByProvider(world: World): Promise<void> {
  const { secrets, browser, database, oidc } = world;
  const user = await createUser(database.db, { name: "Sol Single" });
  oidc.people.set("sol", { email: user.email, email_verified: true, name: "Sol" });
  const context = await newContext(browser);
  const page = await context.newPage();
  const callback = page.waitForRequest((request) => request.url().includes("/api/auth/callback/"));
  await signInElsewhere(page, "sol");
  const { searchParams } = new URL((await callback).url());
  keepSecret(secrets, "the code of a provider", searchParams.get("code"));
  keepSecret(secrets, "the state of a sign-in by a provider", searchParams.get("state"));
  await expect(page).toHaveURL(/\/console$/);
  await context.close();
}
