import { messagesFor } from "#lib/messages/catalogue.ts";
import { evidence } from "./evidence.ts";
import { type CauseGroup, causeGroups, causesOfGroup } from "./groups.ts";
import type { LikelyCause } from "./schema.ts";

const words = messagesFor("en").causes;

const opening = `# Likely causes

Written by \`npm run docs:causes\` from the console's own texts. The console has the same list, with an anchor for each cause, under
\`/console/help/causes\`; the advice in the console, in emails and in **Verify** links to it. [front-ends.md](front-ends.md) shows what
was measured with each front end.

Each error has one of the documented reasons and details. The likely cause is shown beneath them: it is chosen when the error is
recorded, based on everything that was seen, and may be wrong. The API uses these names in \`likelyCause\`
([statistics.md](statistics.md)).
`;

/** docs/causes.md: every likely cause with what is said about it, so that it can be read without the product. */
export function causesPage(): string {
  return [opening, ...causeGroups.map(sectionOf)].join("\n");
}

function sectionOf(group: CauseGroup): string {
  return [
    `## ${words.labels.help.group[group]}`,
    "| name | what it says | what to do | seen with |",
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
