import { type ClientBase, Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "#lib/db.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findChannels } from "./queries.ts";

const count = 20_000;
type Statement = { text: string; values?: unknown[] };
const isStatement = (given: unknown): given is Statement =>
  typeof given === "object" && given !== null && "text" in given;

let filled: Awaited<ReturnType<typeof createTestDatabase>>;
let watched: Database;
let asked: Statement[] = [];

beforeAll(async () => {
  filled = await createTestDatabase();
  watched = openDatabase(filled.url, {
    makePool: (config) => {
      const pool = new Pool(config);
      pool.on("connect", keepStatements);
      return pool;
    },
  });
  const { pool } = filled;
  await pool.query(
    "insert into providers (id, name) select (10000 + n)::text, 'Works ' || n from generate_series(1, 200) n",
  );
  await pool.query(
    `insert into channels (id, provider_id, name, description, email, bot_user_id, sealed_secret)
     select (3000000 + n)::text, (10001 + n % 200)::text,
            case when n = 77 then 'Lighthouse' else 'Bot ' || md5(n::text) end, 'Made for a test.', 'test@example.com', 'U' || n, 'none'
       from generate_series(1, $1::int) n`,
    [count],
  );
  await pool.query("vacuum analyze");
});
afterAll(async () => {
  await watched.close();
  await filled.close();
});

function keepStatements(client: ClientBase): void {
  const query = client.query.bind(client);
  Object.assign(client, {
    query: (...given: Parameters<typeof query>) => {
      const [statement, values]: readonly unknown[] = given;
      if (isStatement(statement)) {
        asked.push({
          text: statement.text,
          values: Array.isArray(values) ? values : (statement.values ?? []),
        });
      }
      return query(...given);
    },
  });
}

/** What is found, and which tables were read whole for it. */
async function find(q: string, after: string | null = null) {
  asked = [];
  const page = await findChannels(watched.db, { q, after });
  const whole = new Set<string>();
  for (const { text, values = [] } of asked) {
    const { rows } = await filled.pool.query<{ "QUERY PLAN": string }>(
      `explain (costs off) ${text}`,
      values,
    );
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    for (const [, table] of plan.matchAll(/Seq Scan on (\w+)/g)) whole.add(table ?? "");
  }
  return { ...page, whole };
}

const far = new Set(["channels", "channel_search"]);
const readWhole = (whole: ReadonlySet<string>) => [...whole].filter((table) => far.has(table));

test("a page of the channels of the platform is read by indexes, whatever is looked for", async () => {
  const all = await find("");
  const later = await find("", all.lines.at(-1)?.id);
  const common = await find("bot");
  const rare = await find("GHTHOU");
  const short = await find("gh");
  const ofProvider = await find("works 7");
  const byId = await find("3000077");
  const byBot = await find("U77");
  const none = await find("nowhere at all");
  const found = { all, later, common, rare, short, ofProvider, byId, byBot, none };
  for (const [name, { whole }] of Object.entries(found)) {
    expect([name, ...readWhole(whole)]).toEqual([name]);
  }
  expect([all, later, common, ofProvider].map(({ lines }) => lines.length)).toEqual([
    50, 50, 50, 50,
  ]);
  expect(rare.lines.map(({ name }) => name)).toEqual(["Lighthouse"]);
  expect(short.lines.map(({ name }) => name)).toContain("Lighthouse");
  expect(byId.lines.map(({ id }) => id)).toEqual(["3000077"]);
  expect(byBot.lines.map(({ id }) => id)).toContain("3000077");
  expect(none.lines).toEqual([]);
});

test("what a provider's name finds comes in pages without gaps or repeats", async () => {
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof find>> = await find("works 20", after);
    seen.push(...page.lines.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  const { rows } = await filled.pool.query<{ id: string }>(
    "select c.id from channels c join providers p on p.id = c.provider_id where p.name like 'Works 20%' order by c.name, c.id",
  );
  expect(seen).toEqual(rows.map(({ id }) => id));
});
