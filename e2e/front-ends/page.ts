import { type LikelyCause, likelyCauses } from "#lib/causes/schema.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { type ProgramName, programs } from "./packages.ts";
import { situations } from "./situations/all.ts";
import type { Expected, Situation, Way } from "./situations/situation.ts";

const words = messagesFor("en").causes;

/** The page of the docs about front ends, made from the situations that `npm run test:front-ends` runs. */
export function frontEndsPage(): string {
  return `# What a webhook meets on its way to your bot

Made by \`npm run docs:front-ends\` from the situations in e2e/front-ends/situations, each of which \`npm run test:front-ends\` plays with the
real server; a test tells when this page is not current. Between Tocsin and a bot stand proxies, caches and frameworks, and each tells the
same fault in another way: a bot that is stopped is a 502 behind nginx, a 503 behind Apache, and a time-out behind HAProxy.

**How to read it.** Look for what you have in front of your bot, then for what Statistics > Errors shows. *Sees* is the detail that is shown and
counted; where HTTP/1.1 and HTTP/2 differ, both stand there. *Likely cause* is what the console says beneath it, and leads to what to do. It is
chosen from everything that was observed, also from the channel's other attempts, and stays a guess: other settings of the same server
can look alike. Versions are those of Debian 12, frameworks those of the npm registry; servers stand with the settings they come with, save
the one that is named.

**Waits.** Most of this shows within milliseconds. ⏱ marks what a timer of 2 seconds had to end.

**200 is not always your bot.** Delivered is what was answered with a status from 200 to 299: that is the platform's rule. ⚠ marks answers that
probably did not come from your bot: a web page, a line that is no HTTP, a cache. They are not errors and are not counted as such.

${tables()}
## What to do

${causes()}
`;
}

function tables(): string {
  const groups = new Map<string, Situation[]>();
  for (const situation of situations) {
    const head = headOf(situation);
    groups.set(head, [...(groups.get(head) ?? []), situation]);
  }
  return [...groups]
    .map(
      ([head, group]) =>
        `## ${head}\n\n| situation | sees | likely cause |\n| --- | --- | --- |\n${group.map(rowOf).join("\n")}\n`,
    )
    .join("\n");
}

function headOf({ programs: [first], name }: Situation): string {
  if (name !== undefined) return "Frameworks of Node.js";
  return first === undefined ? "Others" : titleOf(first);
}

function titleOf(program: ProgramName): string {
  return `${programs[program].name} ${programs[program].version}`;
}

function rowOf({ name, programs: [, ...behind], what, expected }: Situation): string {
  const before = name === undefined ? "" : `${name}: `;
  const after = behind.length === 0 ? "" : ` (${behind.map(titleOf).join(", ")})`;
  const sees = perWay(expected, seenOf);
  const cause = perWay(expected, causeOf);
  return `| ${before}${what}${after} | ${sees} | ${cause} |`;
}

const wayNames: Record<Way, string> = { plain: "http", h1: "HTTP/1.1", h2: "HTTP/2" };

/** One text where all ways agree. */
function perWay(expected: Situation["expected"], text: (of: Expected) => string): string {
  const ways = Object.entries(expected) as [Way, Expected][];
  const texts = new Map<string, string[]>();
  for (const [way, of] of ways)
    texts.set(text(of), [...(texts.get(text(of)) ?? []), wayNames[way]]);
  if (texts.size === 1) return [...texts.keys()].join("");
  return [...texts].map(([said, of]) => `${of.join(", ")}: ${said}`).join("; ");
}

function seenOf({ verdict, ends, doubt }: Expected): string {
  const [, detail = ""] = verdict.split(" / ");
  if (doubt !== null) return `${detail} ⚠`;
  return ends === "at once" ? detail : `${detail} ⏱`;
}

function causeOf({ cause, doubt }: Expected): string {
  if (doubt !== null) return doubts[doubt];
  return cause === null ? "–" : `[${words[cause].name}](#${cause})`;
}

const doubts: Record<NonNullable<Expected["doubt"]>, string> = {
  web_page: "delivered, with a web page",
  program_error: "delivered, with the error that PHP died of",
  not_http: "delivered, with a line that is no HTTP",
  from_cache: "delivered, from a cache",
  changed_shape: "delivered, unlike the answers before",
  unseen: "delivered; not told from a bot's own answer",
};

function causes(): string {
  const met = new Set<LikelyCause | null>(
    situations.flatMap(({ expected }) => Object.values(expected).map(({ cause }) => cause)),
  );
  return likelyCauses
    .filter((cause) => met.has(cause))
    .map((cause) => {
      const { name, cause: why, action } = words[cause];
      return `<a id="${cause}"></a>**${name}.** ${why} *${action}*`;
    })
    .join("\n\n");
}
