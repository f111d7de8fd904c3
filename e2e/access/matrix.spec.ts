import { expect } from "@playwright/test";
import { startTestOidcServer, type TestOidcServer } from "#e2e/servers/oidc-server.ts";
import { startTestMailServer, type TestMailServer } from "#e2e/support/mail-server.ts";
import { consolePort, oidcPort, smtpPort } from "#e2e/support/ports.ts";
import { test } from "#e2e/support/test.ts";
import type { Database } from "#lib/db.ts";
import { type ActionEntry, actions, withinPlaces } from "./action-table.ts";
import {
  type Answer,
  addressOf,
  ask,
  askAction,
  outcomeOf,
  stateOf,
  visible,
  withoutIds,
} from "./ask.ts";
import { readActions, readRoutes } from "./build.ts";
import { type LinkKind, linkMaker, type MakeLink } from "./links.ts";
import { routes, unaddressed } from "./route-table.ts";
import { askedFor, type Entry, expectation } from "./table.ts";
import {
  type Headers,
  type Ids,
  isPerson,
  openWorld,
  type Person,
  type Role,
  roles,
  type Which,
  type World,
  whichPlaces,
} from "./world.ts";

// Every page, route handler and server action of the build, asked for in every role, for what is the person's own, what is
// somebody else's, and what does not exist.

test.setTimeout(900_000);

const base = `http://localhost:${consolePort}`;

let database: Database;
let world: World;
let makeLink: MakeLink;
let actionIds: Map<string, string>;
let mailServer: TestMailServer;
let oidc: TestOidcServer;

test.beforeAll(async () => {
  // Takes what is mailed here, so that it does not wait for the journeys that look at their mails.
  mailServer = await startTestMailServer(smtpPort);
  // A provider that is away is a fault, which this is not about.
  oidc = await startTestOidcServer(oidcPort, base);
  ({ database, world } = await openWorld());
  makeLink = linkMaker(database, world);
  actionIds = await readActions();
});
test.afterAll(async () => {
  await Promise.all([database.close(), mailServer.stop(), oidc.stop()]);
});

test("every page, route handler and action of the build stands in the table", async () => {
  const found = await readRoutes((route) => base + addressOf(route, world.places.own, "token"));
  expect(Object.keys(routes).sort()).toEqual(found.sort());
  expect(Object.keys(actions).sort()).toEqual([...actionIds.keys()].sort());
});

test("every form that names something inside a place is tried with what is in another place", () => {
  const inside = Object.entries(actions).filter(([, { whose, fields }]) => {
    if (whose !== "channel" && whose !== "provider") return false;
    const named = new Set<string | symbol>();
    const ids = new Proxy(world.places.own, {
      get: (target, name) => {
        named.add(name);
        return Reflect.get(target, name);
      },
    });
    fields({ ids, token: "", password: "" });
    return [...named].some((name) => name !== "channelId" && name !== "providerId");
  });
  expect(inside.map(([name]) => name).sort()).toEqual([...withinPlaces].sort());
});

test("no action and no handler that changes something does it for another site", async () => {
  const done: string[] = [];
  const from: Headers = {
    ...{ "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    "x-forwarded-host": "evil.example",
  };
  await inTurn(Object.entries(actions), async ([name, entry]) => {
    const role: Role = entry.who.find(isPerson) ?? "none";
    const person = isPerson(role) ? await world.makePerson(role) : undefined;
    const asker = { role, which: "own" as const, person, from };
    const state = stateOf((await callAction(name, entry, asker)).answer);
    if (!state?.includes("came from another site")) done.push(`${name}: ${state}`);
  });
  for (const [name, { who }] of Object.entries(routes)) {
    // Mail programs post to it, which are no site at all; the link is the permission.
    if (!/^[A-Z]+ /.test(name) || name.includes("/one-click/")) continue;
    const headers = { ...world.headers[who[0] ?? "none"], ...from };
    const { status } = await askRoute(name, world.places.own, "", headers);
    if (status !== 403) done.push(`${name}: ${status}`);
  }
  expect(done).toEqual([]);
});

/** A few at a time: the product has other things to do as well. */
async function inTurn<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}

type Cell = { name: string; entry: Entry; role: Role };
const cellsOf = <E extends Entry>(table: Record<string, E>) =>
  Object.entries(table).flatMap(([name, entry]) => roles.map((role) => ({ name, entry, role })));

test("every page and route handler answers every role as the table says, and foreign looks like unknown", async () => {
  const wrong: string[] = [];
  const links = await makeLinks();
  const cells = cellsOf(routes).filter(({ name }) => !unaddressed.includes(name));
  await inTurn(cells, async ({ name, entry, role }) => {
    const answers = new Map<Which, Answer>();
    for (const which of askedFor(entry)) {
      const token = links(entry.link, which);
      const answer = await askRoute(name, world.places[which], token, world.headers[role]);
      const what = `${name} as ${role}, ${which}`;
      const is = linkOutcome(answer, entry, token);
      const should = expectation(entry, role, which);
      if (is !== should) wrong.push(`${what}: ${is}, not ${should}`);
      wrong.push(...tellsTooMuch(answer, role, which).map((text) => `${what}: tells ${text}`));
      answers.set(which, withoutIds(answer, world.places[which], token));
    }
    wrong.push(...toldApart({ name, entry, role }, answers));
  });
  expect(wrong).toEqual([]);
});

function askRoute(name: string, ids: Ids, token: string, headers: Headers): Promise<Answer> {
  const [, method] = /^([A-Z]+) /.exec(name) ?? [];
  const topic = name.includes("/live/") ? "?topic=errors" : "";
  return ask(base, { method, path: addressOf(name, ids, token) + topic, headers });
}

/** A page of a link is the page itself only with the form that the link is for. */
function linkOutcome(answer: Answer, { whose }: Entry, token: string) {
  const isPage = whose === "link" && answer.status === 200 && answer.body.startsWith("<!DOCTYPE");
  return isPage && !answer.body.includes(`value="${token}"`) ? "not found" : outcomeOf(answer);
}

/** One link of each kind in force, over and unknown: pages only look at it. */
async function makeLinks(): Promise<(kind: LinkKind | undefined, which: Which) => string> {
  const made = new Map<string, string>();
  for (const { link } of Object.values(routes)) {
    for (const which of link === undefined ? [] : whichPlaces) {
      if (link) made.set(`${link} ${which}`, await makeLink(link, which));
    }
  }
  return (kind, which) => made.get(`${kind} ${which}`) ?? "";
}

/** Who is sent what of the own channel, by the text that stands for it. Nobody is sent anything of a foreign one. */
const readers: Record<string, readonly Role[]> = {
  " description": ["channelAdmin", "channelMember"],
  // Operators read the whole audit log, which says what was verified.
  ".example.com/": ["channelAdmin", "channelMember", "operator"],
  // Operators read the outbox, and the log.
  "@team.example": ["channelAdmin", "operator"],
  // The outbox has the mails of invitations.
  "-channel@guest.example": ["channelAdmin", "operator"],
  "-provider@guest.example": ["providerAdmin", "operator"],
};

function tellsTooMuch({ body }: Answer, role: Role, which: Which): string[] {
  const told = ([text, who]: [string, readonly Role[]], marker: string, isOwn: boolean) => {
    const isOperators = role === "operator" && who.includes("operator");
    const may = isOperators || (isOwn && who.includes(role));
    return !may && body.includes(marker + text) ? [marker + text] : [];
  };
  const { own, foreign } = world.places;
  return Object.entries(readers).flatMap((reader) => [
    ...told(reader, own.marker, which === "own"),
    ...told(reader, foreign.marker, false),
  ]);
}

/** Without what the asker typed, which comes back to them. */
const toldBy = (answer: Answer) => stateOf(answer)?.replace(/"values":\{[^}]*\}/, "");

function toldApart({ name, entry, role }: Cell, answers: Map<Which, Answer>): string[] {
  const [foreign, unknown] = [answers.get("foreign"), answers.get("unknown")];
  if (foreign === undefined || unknown === undefined) return [];
  if (expectation(entry, role, "foreign") === "allowed") return [];
  const isSame =
    foreign.status === unknown.status &&
    foreign.location === unknown.location &&
    toldBy(foreign) === toldBy(unknown) &&
    (foreign.body.startsWith("<") ? visible(foreign.body) === visible(unknown.body) : true);
  return isSame ? [] : [`${name} as ${role}: foreign is told from unknown`];
}

test("every action answers every role as the table says, and foreign looks like unknown", async () => {
  const wrong: string[] = [];
  const before = await snapshot();
  const askAll = async ({ name, entry, role }: Cell & { entry: ActionEntry }) => {
    const answers = new Map<Which, Answer>();
    for (const which of askedFor(entry)) {
      // What is done uses up people, links and roles, so whoever asks is new each time.
      const person = isPerson(role) ? await world.makePerson(role) : undefined;
      const { answer, token } = await callAction(name, entry, { role, which, person });
      const what = `${name} as ${role}, ${which}`;
      const outcome = outcomeOf(answer);
      const isRefusedLink =
        entry.whose === "link" &&
        outcome !== "sign in" &&
        stateOf(answer)?.includes('"refused"') === true;
      const is = isRefusedLink ? "not found" : outcome;
      const should = expectation(entry, role, which);
      if (is !== should) wrong.push(`${what}: ${is}, not ${should}: ${stateOf(answer)}`);
      wrong.push(...tellsTooMuch(answer, role, which).map((text) => `${what}: tells ${text}`));
      answers.set(which, withoutIds(answer, world.places[which], token));
    }
    wrong.push(...toldApart({ name, entry, role }, answers));
  };
  // One set of fields after the other: an operator takes somebody out of the foreign provider, and only by the second set out of
  // its channels, too, which then finds nobody any more.
  await inTurn(cellsOf(actions), async ({ entry, ...cell }) => {
    for (const fields of [entry.fields, ...(entry.others ?? [])]) {
      await askAll({ ...cell, entry: { ...entry, fields } });
    }
  });
  expect(wrong).toEqual([]);
  expect(await snapshot()).toEqual(before);
});

type Asker = {
  role: Role;
  which: Which;
  person: Person | undefined;
  ids?: Ids;
  /** What says where the request comes from; else from the console itself. */
  from?: Headers;
};

async function callAction(
  name: string,
  entry: ActionEntry,
  { role, which, person, ids = world.places[which], from = {} }: Asker,
): Promise<{ answer: Answer; token: string }> {
  const token = entry.link === undefined ? "" : await makeLink(entry.link, which, person);
  const ofRole = role === "channelToken" ? await world.makeToken() : world.headers[role];
  const answer = await askAction(
    base,
    { ...(person?.headers ?? ofRole), ...from },
    {
      id: actionIds.get(name) ?? "",
      path: addressOf(pageOf(name), ids, token),
      fields: entry.fields({ ids, token, password: world.password }),
    },
  );
  return { answer, token };
}

/** The page that has the form of an action. */
function pageOf(name: string): string {
  const path = name.replace(/\/?actions\.ts#.*$/, "");
  if (path === "(auth)") return "/sign-in/page";
  return path.startsWith("(auth)/")
    ? `${path.slice("(auth)".length)}/page`
    : `/console/${path}/page`;
}

/** All of the foreign channel that a form could have changed; operators may change its provider. */
async function snapshot(): Promise<unknown> {
  const { channelId } = world.places.foreign;
  const tables = [
    "channel_members",
    "channel_tokens",
    "invitations",
    "alert_targets",
    "webhooks",
    "redelivery_jobs",
  ];
  const rows = await Promise.all([
    database.pool.query("select row_to_json(c) as row from channels c where id = $1", [channelId]),
    ...tables.map((table) =>
      database.pool.query(
        `select row_to_json(t) as row from ${table} t where channel_id = $1 order by row_to_json(t)::text`,
        [channelId],
      ),
    ),
  ]);
  return rows.map((one) => one.rows);
}

/** One place, with what is in another one. */
const mixed = ({ channelId, providerId, marker }: Ids, inner: Ids): Ids => ({
  ...inner,
  ...{ channelId, providerId, marker },
});

/** Asks for what is `inner` and for what does not exist, both under `outer`: the answers must be the same, and as expected. */
async function askMixed(outer: Which, inner: Ids): Promise<string[]> {
  const wrong: string[] = [];
  const asked = withinPlaces.flatMap((name) => {
    const entry = actions[name];
    if (entry === undefined) throw new Error(`${name} is not in the table`);
    const sets = [entry.fields, ...(entry.others ?? [])];
    return entry.who
      .filter(isPerson)
      .flatMap((role) =>
        sets.map((fields) => ({ ...{ name, role, entry: { ...entry, fields } } })),
      );
  });
  await inTurn(asked, async ({ name, entry, role }) => {
    const states: (string | null)[] = [];
    for (const other of [inner, world.places.unknown]) {
      const person = await world.makePerson(role);
      const ids = mixed(world.places[outer], other);
      const { answer } = await callAction(name, entry, { role, which: outer, person, ids });
      const [is, should] = [outcomeOf(answer), expectation(entry, role, outer)];
      const state = stateOf(answer);
      if (is !== should) wrong.push(`${name} as ${role}, ${outer}: ${is}, not ${should}`);
      if (should === "allowed" && state === null) wrong.push(`${name} as ${role}: no state`);
      states.push(state === null ? null : withoutIds({ ...answer, body: state }, other).body);
    }
    if (states[0] !== states[1]) wrong.push(`${name} as ${role}: ${states.join(" ≠ ")}`);
  });
  const inside = Object.keys(routes).filter((route) => /webhookId|channelId.*mailId/.test(route));
  for (const name of inside) {
    for (const role of routes[name]?.who ?? []) {
      for (const other of [inner, world.places.unknown]) {
        const ids = mixed(world.places[outer], other);
        const answer = await askRoute(name, ids, "", world.headers[role]);
        const is = outcomeOf(answer);
        if (is !== "not found") wrong.push(`${name} as ${role}, ${outer}: ${is}`);
        // What is one's own stands in lists beside the page.
        const isTold = outer === "own" && answer.body.includes(inner.marker);
        if (isTold) wrong.push(`${name} as ${role}: tells of it`);
      }
    }
  }
  return wrong;
}

/** Everything of a place that has an id of its own and that a form could name. */
async function insideOf(ids: Ids): Promise<unknown> {
  const asked: [string, string, string][] = [
    ["channel_members", "user_id", ids.userId],
    ["provider_members", "user_id", ids.userId],
    ["invitations", "id", ids.channelInvitationId],
    ["invitations", "id", ids.providerInvitationId],
    ["alert_targets", "id", ids.targetId],
    ["alerts", "target_id", ids.targetId],
    ["webhooks", "id", ids.webhookId],
    ["webhook_queue", "id", ids.webhookId],
    ["redelivery_jobs", "id", ids.jobId],
    ["mails", "id", ids.mailId],
  ];
  const rows = await Promise.all(
    asked.map(([table, column, id]) =>
      database.pool.query(
        `select row_to_json(t) as row from ${table} t where ${column} = $1 order by 1::text`,
        [id],
      ),
    ),
  );
  return rows.map((one) => one.rows);
}

/** Places that nothing was done in: what is in them is all there. */
async function renewWorld(): Promise<void> {
  await database.close();
  ({ database, world } = await openWorld());
  makeLink = linkMaker(database, world);
}

test("what is in another place is not found by its id from one's own, and stays as it is", async () => {
  await renewWorld();
  const [before, inside] = [await snapshot(), await insideOf(world.places.foreign)];
  expect(await askMixed("own", world.places.foreign)).toEqual([]);
  expect(await snapshot()).toEqual(before);
  expect(await insideOf(world.places.foreign)).toEqual(inside);
});

test("what is in one's own place is not reached by way of another place, or of none, and stays as it is", async () => {
  await renewWorld();
  const inside = await insideOf(world.places.own);
  expect(await askMixed("foreign", world.places.own)).toEqual([]);
  expect(await askMixed("unknown", world.places.own)).toEqual([]);
  expect(await insideOf(world.places.own)).toEqual(inside);
});

/** What an action or handler that writes refuses to somebody, by what it would have been called in the log. */
async function refusalsOf(userId: string): Promise<{ action: string; result: string }[]> {
  const { rows } = await database.pool.query<{ action: string; result: string }>(
    "select action, result from audit_entries where actor_id = $1",
    [userId],
  );
  return rows;
}

/** Pages, what only reads, and marks in somebody's own side bar, of which the log does not tell when they are set either. */
const neverWritten = (name: string): boolean =>
  /\/live\/|\/icon\/|#pin$/.test(name) || !/\/route$|#/.test(name);

test("what a signed-in person is refused by forms and handlers stands in the audit log", async () => {
  const unwritten: string[] = [];
  const refused = Object.entries({ ...routes, ...actions }).filter(
    ([name, { who }]) => !who.includes("stranger") && !neverWritten(name),
  );
  expect(refused.length).toBeGreaterThan(50);
  await inTurn(refused, async ([name, entry]) => {
    const person = await world.makePerson("stranger");
    const asker = { role: "stranger", which: "own", person } as const;
    const action = actions[name];
    if (action === undefined) await askRoute(name, world.places.own, "", person.headers);
    else await callAction(name, { ...action, ...entry }, asker);
    await expect
      .poll(() => refusalsOf(person.user.id), { message: name })
      .toEqual([expect.objectContaining({ result: "refused" })])
      .catch(() => unwritten.push(name));
  });
  expect(unwritten).toEqual([]);
});
