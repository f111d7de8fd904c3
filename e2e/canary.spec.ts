import { expect } from "@playwright/test";
import { startTestOidcServer } from "#e2e/servers/oidc-server.ts";
import { test } from "#e2e/support/test.ts";
import { openDatabase } from "#lib/db.ts";
import { partOf, readLog, readTables } from "./canary/places.ts";
import { plantAll, sendersOwn } from "./canary/plant.ts";
import { canary, describeFindings, findSecrets } from "./canary/secrets.ts";
import type { World } from "./canary/world.ts";
import { startTestBotServer } from "./support/bot-server.ts";
import { startTestMailServer } from "./support/mail-server.ts";
import { botPort, consolePort, oidcPort, smtpPort } from "./support/ports.ts";

/** What stands in the clear in the database because people are to see it. Everything else may stand nowhere. */
const shownToPeople: Record<string, readonly string[]> = {
  // The webhook log shows to the channel's people what was sent.
  "what an event says": ["webhooks.body", "webhook_queue.body"],
  // And the first bytes of what came back.
  "what a bot server answered": [
    "webhook_attempts.response_body",
    "delivered_answers.response_body",
  ],
};

let world: World;

test.beforeAll(async ({ browser }) => {
  world = {
    browser,
    database: openDatabase(process.env.E2E_DATABASE_URL ?? ""),
    mailServer: await startTestMailServer(smtpPort),
    oidc: await startTestOidcServer(oidcPort, `http://localhost:${consolePort}`),
    bot: await startTestBotServer(botPort),
    secrets: new Map(),
    mailedTo: new Map(),
    refusals: [],
  };
  await plantAll(world);
});
test.afterAll(async () => {
  const { database, mailServer, oidc, bot } = world;
  // Alerts that the bot server refused would come again, to the bot server of whoever runs next.
  await database.db.alertTarget.deleteMany();
  await Promise.all([database.close(), mailServer.stop(), oidc.stop(), bot.stop()]);
});

test("the search finds a secret in every spelling, and tells where it stands without telling it", () => {
  const value = canary();
  const secrets = new Map([["the secret", value]]);
  for (const text of [
    `"password":"${value}"`,
    value.toUpperCase(),
    `\\x${Buffer.from(`before ${value} after`).toString("hex")}`,
    ...["", "a", "ab"].map((prefix) => Buffer.from(`${prefix}${value}:x`).toString("base64")),
  ]) {
    const [found] = describeFindings(findSecrets(secrets, "a place", `some ${text} more`));
    expect(found).toMatch(/^the secret stands in a place: .*<the secret>/);
    expect(found?.toLowerCase()).not.toContain(value);
  }
  expect(findSecrets(secrets, "a place", canary())).toEqual([]);
});

test("no process of the product writes a secret into its log, at any level", async () => {
  // Each part is heard, down to what it says while it is looked for faults. The last that was planted may still be on its way.
  const wanted: [part: string, text: RegExp][] = [
    ["console", /"level":20/],
    ["console", /"level":50.*rate_limits/],
    ["engine api", /./],
    ["engine worker", /mail sent/],
    ["engine worker", /alert not accepted/],
    ["no part", /./],
  ];
  const unheard = async () => {
    const lines = (await readLog()).map(({ text }) => text);
    return wanted.filter(
      ([part, text]) => !lines.some((line) => partOf(line) === part && text.test(line)),
    );
  };
  await expect.poll(unheard).toEqual([]);
  const log = await readLog();
  const found = log.flatMap(({ place, text }) => findSecrets(world.secrets, place, text));
  expect(describeFindings(found)).toEqual([]);
});

test("no table of the database holds a secret in the clear", async () => {
  const places = await readTables(world.database.pool);
  const found = places.flatMap(({ place, text }) => findSecrets(world.secrets, place, text));
  const isShown = ({ secret, place }: (typeof found)[number]) =>
    shownToPeople[secret]?.includes(place) === true;
  expect(describeFindings(found.filter((one) => !isShown(one)))).toEqual([]);
  // The search reaches what it is to reach: both exceptions are really there.
  expect(new Set(found.filter(isShown).map(({ secret }) => secret))).toEqual(
    new Set(Object.keys(shownToPeople)),
  );
});

test("the database's server keeps no log of statements or of their values", async () => {
  const { rows } = await world.database.pool.query(
    `select name, setting from pg_settings
      where name in ('logging_collector', 'log_statement', 'log_parameter_max_length_on_error',
                     'log_min_duration_statement', 'log_destination') order by name`,
  );
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    log_destination: "stderr",
    log_min_duration_statement: "-1",
    log_parameter_max_length_on_error: "0",
    log_statement: "none",
    logging_collector: "off",
  });
});

test("a mail holds no secret but the link that it was sent for, and that to its reader alone", () => {
  const { mailServer, secrets, mailedTo } = world;
  const found = mailServer.mails.flatMap((mail) => {
    const to = [mail.to].flat()[0]?.value[0]?.address ?? "";
    const text = [mail.subject, mail.text, mail.html, ...mail.headerLines.map(({ line }) => line)];
    return findSecrets(secrets, `a mail to ${to}`, text.join("\n"));
  });
  const isOwn = ({ secret, place }: (typeof found)[number]) =>
    place === `a mail to ${mailedTo.get(secret)}`;
  expect(describeFindings(found.filter((one) => !isOwn(one)))).toEqual([]);
  expect(new Set(found.filter(isOwn).map(({ secret }) => secret))).toEqual(
    new Set(mailedTo.keys()),
  );
});

test("no answer to a request that went wrong holds a secret, also not the one that was just sent", () => {
  const { refusals, secrets } = world;
  expect(refusals.length).toBeGreaterThan(10);
  const found = refusals.flatMap(({ place, text }) => findSecrets(secrets, place, text));
  // A page knows its own address, and a refused form is shown again as it was filled in, but for its secrets.
  const others = found.filter(({ secret }) => secret !== sendersOwn);
  expect(describeFindings(others)).toEqual([]);
});
