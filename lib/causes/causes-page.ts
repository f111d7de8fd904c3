import { messagesFor } from "#lib/messages/catalogue.ts";
import { evidence } from "./evidence.ts";
import { type CauseGroup, causeGroups, causesOfGroup } from "./groups.ts";
import type { LikelyCause } from "./schema.ts";

const words = messagesFor("en").causes;

const opening = `# Likely causes

Written by \`npm run docs:causes\` from the console's own words. The list of the console, with an anchor for each, is under
\`/console/help/causes\`; every advice there, in mails and in **Verify** leads to it. What was measured with each front end stands
in [front-ends.md](front-ends.md).

Each error has one of the documented reasons and details. Beneath them stands the likely cause: it is chosen when the error is
recorded, from everything that was seen, and may be wrong. \`likelyCause\` of the API has these names
([statistics.md](statistics.md)).
`;

/** docs/causes.md: every likely cause with what is said about it, so that it can be read without the product. */
export function causesPage(): string {
  return [opening, ...causeGroups.map(sectionOf)].join("\n");
}

function sectionOf(group: CauseGroup): string {
  return [
    `## ${words.labels.help.group[group]}`,
    "| name | what is told | what to do | seen with |",
    "| --- | --- | --- | --- |",
    ...causesOfGroup(group).map(rowOf),
    "",
  ].join("\n");
}

function rowOf(cause: LikelyCause): string {
  const told = words[cause];
  const seen = (evidence[cause] ?? []).map(({ server, situation, seen: what }) =>
    [server, ...(situation === undefined ? [] : [`\`${situation}\``]), what].join(", "),
  );
  const cells = [`\`${cause}\``, told.cause, told.action, seen.join("<br>") || "–"];
  return `| ${cells.join(" | ")} |`;
}
