import type { BrowserContext } from "@playwright/test";
import { printTable, quantile, round } from "#bench/support/figures.ts";
import type { Database } from "#lib/db.ts";
import { createUser } from "#testing/factories.ts";
import { signInTo } from "./sign-in.ts";

const password = "correct horse battery";

type Person = { email: string; channelId: string; providerId: string };
type Asker = Person & { cookie: string };

/**
 * Pages of somebody with 100 channels and of somebody with 10^5, in turns: the server's time until the whole page is there and
 * its weight, uncompressed. Both see as much: more fail than a page shows, and there are more providers than that.
 */
export async function measureChannels(
  browser: BrowserContext,
  database: Database,
  origin: string,
  rounds: number,
): Promise<Record<`${"time" | "weight" | "search"}Ratio1e5Channels`, number>> {
  const hasFew = await fill(database, { first: 1, channels: 100, providers: 40, failsOf: 1 });
  const hasMany = await fill(database, {
    first: 1_000,
    channels: 100_000,
    providers: 1_000,
    failsOf: 10,
  });
  // Before anybody signs in: the first page would be planned for empty tables.
  await database.pool.query("vacuum analyze");
  const few = await withCookie(browser, hasFew);
  const many = await withCookie(browser, hasMany);
  const rows = Object.entries(pages).map(([name, path]) => ({
    name,
    path,
    few: [] as Asked[],
    many: [] as Asked[],
  }));
  // The first of each is not counted: whatever is compiled or cached once has been by then.
  for (let turn = 0; turn <= rounds; turn += 1) {
    for (const row of rows) {
      for (const [asker, into] of turn % 2 === 0
        ? ([
            [few, row.few],
            [many, row.many],
          ] as const)
        : ([
            [many, row.many],
            [few, row.few],
          ] as const)) {
        const asked = await ask(origin + row.path(asker), asker.cookie);
        if (turn > 0) into.push(asked);
      }
    }
  }
  const figures = rows.map(({ name, few: small, many: large }) => {
    // The lower quartile: whatever else runs on the machine only adds.
    const of = (all: readonly Asked[], what: keyof Asked) =>
      quantile(
        all.map((one) => one[what]),
        0.25,
      );
    return {
      name,
      ms: [of(small, "ms"), of(large, "ms")] as const,
      bytes: [of(small, "bytes"), of(large, "bytes")] as const,
    };
  });
  printTable(
    ["page", "ms: 100", "10^5", "ratio", "KB: 100", "10^5", "ratio"],
    figures.map(({ name, ms, bytes }) => [
      name,
      ...[round(ms[0], 1), round(ms[1], 1), ratio(ms)],
      ...[round(bytes[0] / 1_000, 1), round(bytes[1] / 1_000, 1), ratio(bytes)],
    ]),
  );
  const isSearch = (name: string) => name in searches;
  const worst = (all: typeof figures, what: "ms" | "bytes") =>
    Math.max(...all.map((one) => ratio(one[what])));
  return {
    timeRatio1e5Channels: worst(
      figures.filter(({ name }) => !isSearch(name)),
      "ms",
    ),
    weightRatio1e5Channels: worst(figures, "bytes"),
    searchRatio1e5Channels: worst(
      figures.filter(({ name }) => isSearch(name)),
      "ms",
    ),
  };
}

const ratio = ([small, large]: readonly [number, number]): number => round(large / small);

const channel = (page: string) => (person: Person) =>
  `/console/channel/${person.channelId}/${page}`;
const provider = (page: string) => (person: Person) =>
  `/console/provider/${person.providerId}/${page}`;

type Paths = Record<string, (person: Person) => string>;

/** What looks through all of somebody's channels. */
const searches: Paths = {
  "search, one found": ({ channelId }) => `/console/channels?q=${channelId}`,
  "search, all match": () => "/console/channels?q=bot",
  "palette, all match": () => "/console/search?q=bot",
};

const pages: Paths = {
  ...searches,
  home: () => "/console",
  "all channels": () => "/console/channels",
  "channels that fail": () => "/console/channels?state=failing",
  provider: provider("channels"),
  "provider: roles": provider("roles"),
  "channel: basics": channel("basics"),
  "channel: Messaging API": channel("messaging-api"),
  "channel: errors": channel("statistics/errors"),
  "channel: deliveries": channel("statistics/deliveries"),
  "channel: notifications": channel("notifications"),
  "channel: roles": channel("roles"),
  account: () => "/console/profile/basics",
};

type Asked = { ms: number; bytes: number };

async function ask(url: string, cookie: string): Promise<Asked> {
  const since = performance.now();
  const response = await fetch(url, { headers: { cookie }, redirect: "manual" });
  const body = await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return { ms: performance.now() - since, bytes: body.byteLength };
}

/** A person who is Admin of so many channels in so many providers, half of them in the first. */
async function fill(
  { db, pool }: Database,
  {
    first,
    channels,
    providers,
    failsOf,
  }: {
    first: number;
    channels: number;
    providers: number;
    /** One of so many fails, the first by name: what lists begin with is of the same kind for both people. */
    failsOf: number;
  },
): Promise<Person> {
  const user = await createUser(db, { password });
  const [firstProvider, firstChannel] = [1_000_000_000 + first, 3_000_000_000 + first * 1_000];
  await pool.query(
    `with made as (insert into providers (id, name)
       select ($1::bigint + n)::text, 'Provider ' || ($1::bigint + n) from generate_series(0, $2::int - 1) n returning id)
     insert into provider_members (provider_id, user_id, role) select id, $3::uuid, 'admin' from made`,
    [firstProvider, providers, user.id],
  );
  await pool.query(
    `insert into channels (id, provider_id, name, description, email, bot_user_id, sealed_secret, webhook_url, use_webhook,
                           webhook_redelivery, error_statistics_aggregation)
     select id::text, ($1::bigint + case when n < $3::int / 2 then 0 else n % $4::int end)::text, 'Bot ' || id, 'Made for a bench.',
            'bench@example.com', 'U' || id, 'none', 'https://bots.example.com/' || md5(id::text), true, true, true
       from (select n, $2::bigint + n as id from generate_series(0, $3::int - 1) n) made`,
    [firstProvider, firstChannel, channels, providers],
  );
  // Otherwise each row below is checked against its channel by reading all of them.
  await pool.query("analyze channels, providers");
  const own = "from channels where id >= $1 and id < $2";
  const range = [String(firstChannel), String(firstChannel + channels)];
  await pool.query(
    `insert into channel_members (channel_id, user_id, role) select id, $3::uuid, 'admin' ${own}`,
    [...range, user.id],
  );
  await pool.query(
    `insert into endpoint_health (channel_id, failing_since, shown_since, last_failure_at, failed_count, reason, detail)
     select id, at, at, now(), 9, 'error_status_code', '503'
       from (select id, now() - interval '1 hour' - id::bigint % 9973 * interval '1 second' as at
               ${own} and id < $3) began`,
    [...range, String(firstChannel + channels / failsOf)],
  );
  return {
    email: user.email,
    channelId: String(firstChannel + channels - 1),
    providerId: String(firstProvider),
  };
}

async function withCookie(browser: BrowserContext, person: Person): Promise<Asker> {
  await browser.clearCookies();
  const page = await signInTo(browser, { email: person.email, password });
  const cookies = await browser.cookies();
  await page.close();
  return { ...person, cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
}
