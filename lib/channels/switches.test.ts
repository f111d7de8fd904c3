import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { locales } from "#lib/messages/locales.ts";
import { switchNames } from "./switches.ts";

test.each(locales)("each switch has a name and a sentence in %s", (locale) => {
  const { webhook }: { webhook: Readonly<Record<string, string>> } = messagesFor(locale).channels;
  const missing = switchNames
    .flatMap((name) => [name, `${name}Text`])
    .filter((key) => webhook[key] === undefined);
  expect(missing, `write these under webhook in lib/messages/${locale}/channels.json`).toEqual([]);
});

test("the platform API's page names each switch", () => {
  const page = readFileSync("docs/platform-api.md", "utf8");
  const missing = switchNames.filter((name) => !page.includes(`\`${name}\``));
  expect(missing, "name these in the row of PATCH /v1/channels in docs/platform-api.md").toEqual(
    [],
  );
});
