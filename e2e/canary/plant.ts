import { actionBody } from "#e2e/access/ask.ts";
import { oidcClient } from "#e2e/servers/oidc-server.ts";
import { smtpPassword } from "#e2e/support/mail-server.ts";
import { fillSignIn } from "#e2e/support/page-checks.ts";
import { withoutTable } from "#e2e/support/without-table.ts";
import {
  followLinks,
  setUpSecondFactor,
  signInAndFail,
  signInByProvider,
} from "./plant-accounts.ts";
import { sendWithKeys, showChannelSecrets } from "./plant-channels.ts";
import { canary, keepSecret } from "./secrets.ts";
import { consoleUrl, newContext, type World } from "./world.ts";

export const sendersOwn = "what stood in an address or a field for an address";

/** Sends a secret of every kind through the product, by the forms and addresses that people and programs use. */
export async function plantAll(world: World): Promise<void> {
  keepOwnSecrets(world);
  await signInAndFail(world);
  await setUpSecondFactor(world);
  await followLinks(world);
  const channelId = await showChannelSecrets(world);
  await sendWithKeys(world, channelId);
  await signInByProvider(world);
  await askForNonsense(world);
}

/** What the product was started with. */
function keepOwnSecrets({ secrets }: World): void {
  keepSecret(secrets, "AUTH_SECRET", process.env.E2E_AUTH_SECRET);
  keepSecret(secrets, "ENCRYPTION_KEY", process.env.E2E_ENCRYPTION_KEY);
  const { password } = new URL(process.env.E2E_DATABASE_URL ?? "");
  keepSecret(secrets, "the database's password", password);
  keepSecret(secrets, "the mail server's password", smtpPassword);
  keepSecret(secrets, "the client secret of OpenID Connect", oidcClient.secret);
}

/** Requests that no form of ours sends. */
async function askForNonsense(world: World): Promise<void> {
  const { secrets, browser, refusals } = world;
  const typed = canary();
  const senders = canary();
  keepSecret(secrets, "what stood in a request that cannot be read", typed);
  keepSecret(secrets, sendersOwn, senders);
  const callback = "/api/auth/callback/oidc";
  for (const path of [
    `${callback}?code=${typed}&state=${typed}`,
    `${callback}?error=${typed}&error_description=${typed}`,
    `${callback}?password=${typed}`,
    `/api/auth/callback/${senders}?code=${typed}`,
    `/reset-password/${senders}?next=${senders}`,
    `/invitation/%00${senders}`,
    `/unsubscribe/${senders}`,
    `/console/channel/%00${senders}/basics`,
    `/${senders}/%E0%A4%A`,
  ]) {
    const response = await fetch(consoleUrl + path, { redirect: "manual" });
    const place = `the answer of the console to ${path.replaceAll(/canary\w+/g, "…")}`;
    refusals.push({ place, text: await response.text() });
  }

  const context = await newContext(browser);
  const page = await context.newPage();
  const sent = page.waitForRequest((request) => request.headers()["next-action"] !== undefined);
  await fillSignIn(page, "nobody@example.com", canary());
  const action = (await sent).headers()["next-action"] ?? "";
  await context.close();
  const form = (fields: Record<string, string>): FormData => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return body;
  };
  const state = JSON.stringify([{ status: "idle" }, "$K1"]);
  const bodies: (FormData | string)[] = [
    form({ 0: typed }),
    form({ 0: `["${typed}` }),
    form({ 0: `["$${typed}","$K1"]` }),
    form({ [`_1_${typed}`]: typed, 0: state }),
    actionBody({ email: `\0${senders}`, password: typed, next: "" }),
    `["${typed}`,
    typed,
  ];
  const send = async (body: FormData | string): Promise<void> => {
    const response = await fetch(`${consoleUrl}/sign-in`, {
      method: "POST",
      redirect: "manual",
      headers: { "next-action": action, origin: consoleUrl, "sec-fetch-site": "same-origin" },
      body,
    });
    refusals.push({ place: "the answer to an action", text: await response.text() });
  };
  for (const body of bodies) await send(body);
  // A defect, which is logged with what the database says.
  const broken = actionBody({ email: `x${senders}@example.com`, password: typed, next: "" });
  await withoutTable(world.database.pool, "rate_limits", () => send(broken));
}
