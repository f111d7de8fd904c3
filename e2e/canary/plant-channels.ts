import { expect } from "@playwright/test";
import { signIn } from "#e2e/support/page-checks.ts";
import { botPort, enginePort } from "#e2e/support/ports.ts";
import { createChannel, createMember } from "#testing/factories.ts";
import { canary, keepSecret } from "./secrets.ts";
import { newContext, newPerson, takeLink, type World } from "./world.ts";

const apiUrl = `http://127.0.0.1:${enginePort}`;

/** As Admin of a channel. Returns its id. */
export async function showChannelSecrets(world: World): Promise<string> {
  const { secrets, browser, database, bot } = world;
  const channel = await createChannel(database.db, {
    name: "Canary desk",
    webhookUrl: `http://127.0.0.1:${botPort}/webhook`,
    useWebhook: true,
    errorStatisticsAggregation: true,
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
  });
  const admin = await newPerson(world, "Ada Admin");
  await createMember(database.db, channel.id, { userId: admin.id });
  const context = await newContext(browser);
  const page = await context.newPage();
  await signIn(page, admin.email, admin.password);

  await page.goto(`/console/channel/${channel.id}/basics`);
  await page.getByRole("button", { name: "Show" }).click();
  const shown = page.getByText(/^[0-9a-f]{32}$/);
  keepSecret(secrets, "a channel's secret", await shown.textContent());
  await page.getByRole("button", { name: "Issue", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Issue" }).click();
  await expect(page.getByText("A new channel secret was issued.")).toBeVisible();
  await page.getByRole("button", { name: "Show" }).click();
  await expect(shown).toHaveCount(2);
  keepSecret(secrets, "a channel's next secret", await shown.nth(1).textContent());

  await page.goto(`/console/channel/${channel.id}/messaging-api`);
  await page.getByRole("button", { name: "Issue", exact: true }).click();
  const token = await page.getByText(/^tct_[\w-]{43}$/).textContent();
  keepSecret(secrets, "a channel access token", token);
  await fetch(`${apiUrl}/v2/bot/channel/webhook/endpoint`, {
    headers: { authorization: `Bearer ${token}` },
  });

  await page.goto(`/console/channel/${channel.id}/roles`);
  const invited = `ines-${canary()}@example.com`;
  await page.getByLabel("Email address").fill(invited);
  await page.getByRole("button", { name: "Send invitation" }).click();
  await takeLink(world, "an invitation", invited, "invitation");

  // The bot server refuses alerts, so that the failure is written down.
  bot.answerWith(500);
  await page.goto(`/console/channel/${channel.id}/notifications`);
  for (const kind of ["webhook", "slack"] as const) {
    const path = canary();
    keepSecret(secrets, `the address of an alert target (${kind})`, path);
    const title = { webhook: "Signed webhook", slack: "Slack-compatible webhook" }[kind];
    await page.locator("summary").filter({ hasText: title }).click();
    const form = page.getByRole("form", { name: title });
    await form.getByRole("textbox", { name: "Name" }).fill(`Target ${kind}`);
    await form.getByLabel("URL").fill(`http://127.0.0.1:${botPort}/hooks/${path}`);
    await form.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page.getByRole("button", { name: `Test Target ${kind}` })).toBeVisible();
    if (kind === "webhook") {
      keepSecret(
        secrets,
        "the secret of an alert target",
        await page.getByText(/^whsec_/).textContent(),
      );
    }
    await page.getByRole("button", { name: `Test Target ${kind}` }).click();
  }
  await expect
    .poll(() => database.db.alertTarget.count({ where: { lastError: { not: null } } }))
    .toBeGreaterThanOrEqual(2);
  await context.close();
  return channel.id;
}

/** A platform key as an operator makes one, a right and wrong use of it, and a delivery that fails. */
export async function sendWithKeys(world: World, channelId: string): Promise<void> {
  const { secrets, browser, bot, refusals } = world;
  const operator = await newPerson(world, "Otto Operator", { isOperator: true });
  const context = await newContext(browser);
  const page = await context.newPage();
  await signIn(page, operator.email, operator.password);
  await page.goto("/console/operations/platform-keys");
  await page.getByLabel("Name").fill("Canary gateway");
  await page.getByRole("button", { name: "Create a key" }).click();
  const key = (await page.getByText(/^tpk_[\w-]{43}$/).textContent()) ?? "";
  await context.close();
  const payload = canary();
  const answer = canary();
  const wrongKey = `tpk_${canary()}`;
  const broken = canary();
  keepSecret(secrets, "a platform key", key);
  keepSecret(secrets, "a key that is none", wrongKey);
  keepSecret(secrets, "what an event says", payload);
  keepSecret(secrets, "what a bot server answered", answer);
  keepSecret(secrets, "a body that cannot be read", broken);
  bot.received.length = 0;
  bot.answerWith(500, answer);
  const event = JSON.stringify({ events: [{ type: "message", message: { text: payload } }] });
  for (const [authorization, body, path] of [
    [`Bearer ${wrongKey}`, event, `/v1/channels/${channelId}/webhooks`],
    [`Bearer ${key}`, event, `/v1/channels/${channelId}/webhooks`],
    [`Bearer ${key}`, `{"events": "${broken}`, `/v1/channels/${channelId}/webhooks`],
    [`Bearer ${key}`, `{"channelId": "${broken}"}\n{${broken}`, "/v1/webhooks"],
    [`Bearer ${key}`, JSON.stringify({ secret: broken, name: `\0${broken}` }), "/v1/channels"],
    [`Bearer ${key}`, event, `/v1/channels/${channelId}/webhooks?access_token=${wrongKey}`],
    [`Bearer ${key}`, event, `/v1/nothing?key=${wrongKey}`],
    [`Bearer ${wrongKey}`, `{"endpoint": "${broken}"}`, "/v2/bot/channel/webhook/test"],
  ] as const) {
    const response = await fetch(apiUrl + path, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body,
    });
    refusals.push({
      place: `the answer of the API to ${path.split("?")[0]}`,
      text: await response.text(),
    });
  }
  await expect.poll(() => bot.received.length).toBeGreaterThanOrEqual(1);
}
