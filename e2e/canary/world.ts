import type { Browser, BrowserContext } from "@playwright/test";
import type { TestOidcServer } from "#e2e/servers/oidc-server.ts";
import type { TestBotServer } from "#e2e/support/bot-server.ts";
import { linkTo, type TestMailServer } from "#e2e/support/mail-server.ts";
import { consolePort } from "#e2e/support/ports.ts";
import type { Database } from "#lib/db.ts";
import { createUser } from "#testing/factories.ts";
import type { Place } from "./places.ts";
import { canary, keepSecret, type Secrets } from "./secrets.ts";

export type World = {
  browser: Browser;
  database: Database;
  mailServer: TestMailServer;
  oidc: TestOidcServer;
  bot: TestBotServer;
  secrets: Secrets;
  /** Whose mail may hold a secret, because it is the link that was sent to them. */
  mailedTo: Map<string, string>;
  /** What was answered to requests that went wrong. */
  refusals: Place[];
};

export const consoleUrl = `http://localhost:${consolePort}`;

export const newContext = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext({ baseURL: consoleUrl, locale: "en-US" });

/** A person with a password that is looked for everywhere. */
export async function newPerson(
  world: World,
  name: string,
  overrides: { isOperator?: boolean } = {},
) {
  const password = canary();
  keepSecret(world.secrets, `the password of ${name}`, password);
  const user = await createUser(world.database.db, { name, password, ...overrides });
  return { ...user, password };
}

/** Waits for a link, and looks for its token everywhere but in the mail. */
export async function takeLink(
  world: World,
  what: string,
  email: string,
  path: string,
): Promise<string> {
  const link = await linkTo(world.mailServer, email, new RegExp(`http:\\S+/${path}/\\S+`));
  const name = `the link of ${what}`;
  keepSecret(world.secrets, name, link.split("/").at(-1));
  world.mailedTo.set(name, email);
  return link;
}
