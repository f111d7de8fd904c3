import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Renders what stands on a webhook's page for its body, as HTML, in a process with so small a heap. */
async function render(makeBody: () => string): Promise<{ length: number }> {
  const program = `
    import { createElement } from "react";
    import { renderToString } from "react-dom/server";
    import { IntlProvider } from "use-intl";
    import { WebhookBody } from "#components/deliveries/webhook-body.tsx";
    import { WebhookFacts } from "#components/deliveries/webhook-facts.tsx";
    import { eventsOf } from "#lib/delivery-log/events.ts";
    import { curlCommand, rebuildRequest } from "#lib/delivery-log/sent-request.ts";
    import { messagesFor } from "#lib/messages/catalogue.ts";
    const body = (${makeBody.toString()})();
    const at = new Date(0);
    const webhook = { id: "01976e5c-0000-7000-8000-000000000000", body, state: "failed", acceptedAt: at, finishedAt: at, dueAt: null, attempts: 50 };
    const page = (child) => renderToString(createElement(IntlProvider, { locale: "en", timeZone: "UTC", messages: messagesFor("en") }, child));
    let length = page(createElement(WebhookBody, { body })).length;
    length += page(createElement(WebhookFacts, { webhook, events: eventsOf(body), timeZone: "UTC" })).length;
    for (let attempt = 1; attempt <= 50; attempt += 1) {
      const request = rebuildRequest(webhook, { attempt, startedAt: at, url: "https://bot.example/" }, { current: "secret", next: null });
      if (attempt === 50) length += curlCommand(request).length;
    }
    console.log(JSON.stringify({ length }));
  `;
  const { stdout } = await run(
    process.execPath,
    ["--max-old-space-size=128", "--import", "tsx", "--input-type=module", "--eval", program],
    { cwd: process.cwd() },
  );
  return JSON.parse(stdout) as { length: number };
}

test.each<[string, () => string]>([
  [
    "nested deeper than is taken in today",
    () => `{"events":[${"[".repeat(3_500)}${"0,".repeat(50_000)}0${"]".repeat(3_500)}]}`,
  ],
  [
    "of characters that are shown by their numbers",
    () => `{"events":["${"\u007f".repeat(262_000)}"]}`,
  ],
  [
    "of characters that HTML and shells write longer",
    () => `{"events":["${"<'&".repeat(87_000)}"]}`,
  ],
  ["of names of a length that nobody has", () => `{"events":[{"type":"${"<".repeat(250_000)}"}]}`],
])("the page of a webhook with a body %s is made with little memory", async (_, makeBody) => {
  expect((await render(makeBody)).length).toBeLessThan(3 * 1_048_576);
});
