import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { addTarget, testTarget } from "#lib/alerts/commands.ts";
import { listTargets } from "#lib/alerts/queries.ts";
import { AddTargetForm } from "#lib/alerts/target-form.ts";
import type { Database } from "#lib/db.ts";
import { type AlertKind, alertKinds } from "#lib/notifications/alert-kinds.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createSender, type Sender } from "#lib/transport/sender.ts";
import { closingOptions } from "#testing/closing-options.ts";
import {
  createChannel,
  testEncryptionKey as encryptionKey,
  testActor,
} from "#testing/factories.ts";
import { sendAlerts } from "#testing/send-alerts.ts";
import { createTestDatabase } from "#testing/test-database.ts";

// Services as their documentation describes them: what is not in it is refused, as is what is longer than it allows.

const routingKey = "R0123456789abcdef0123456789ABCDE";
const accessToken = "line+channel/access.token_0123456789=";
const group = `C${"0a".repeat(16)}`;

const textRun = z.strictObject({
  type: z.literal("TextRun"),
  text: z.string().min(1),
  weight: z.enum(["Lighter", "Default", "Bolder"]).optional(),
  size: z.enum(["Default", "Small", "Medium", "Large", "ExtraLarge"]).optional(),
});
const teamsMessage = z.strictObject({
  type: z.literal("message"),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal("application/vnd.microsoft.card.adaptive"),
      contentUrl: z.null(),
      content: z.strictObject({
        $schema: z.literal("http://adaptivecards.io/schemas/adaptive-card.json"),
        type: z.literal("AdaptiveCard"),
        version: z.enum(["1.2", "1.3", "1.4"]),
        body: z
          .array(z.strictObject({ type: z.literal("RichTextBlock"), inlines: z.array(textRun) }))
          .min(1),
        actions: z.array(
          z.strictObject({ type: z.literal("Action.OpenUrl"), title: z.string(), url: z.url() }),
        ),
      }),
    }),
  ]),
});
// An embed leads only to a host whose name has a dot: for any other all of it is refused. What is said of addresses is not known.
const discordUrl = z.url({ protocol: /^https?$/, hostname: /\.[a-z][a-z\d-]*$/ });
const discordMessage = z.strictObject({
  embeds: z
    .array(
      z.strictObject({
        title: z.string().max(256),
        url: discordUrl.optional(),
        description: z.string().max(4_096),
        color: z.int().min(0).max(0xff_ff_ff),
        timestamp: z.iso.datetime(),
      }),
    )
    .min(1)
    .max(10),
  allowed_mentions: z.strictObject({ parse: z.array(z.enum(["roles", "users", "everyone"])) }),
});
const keys = { routing_key: z.literal(routingKey), dedup_key: z.string().min(1).max(255) };
const pagerDutyEvent = z.discriminatedUnion("event_action", [
  z.strictObject({
    ...keys,
    event_action: z.literal("trigger"),
    payload: z.strictObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(["critical", "error", "warning", "info"]),
      timestamp: z.iso.datetime(),
      class: z.string(),
      custom_details: z.record(z.string(), z.unknown()),
    }),
    links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
    client: z.string(),
    client_url: z.url(),
  }),
  z.strictObject({ ...keys, event_action: z.literal("resolve") }),
]);
const linePush = z.strictObject({
  to: z.string().regex(/^[UCR][0-9a-f]{32}$/),
  messages: z
    .array(z.strictObject({ type: z.literal("text"), text: z.string().min(1).max(5_000) }))
    .min(1)
    .max(5),
});

type Service = {
  shape: z.ZodType;
  answer: { status: number; body?: object };
  headers?: z.ZodType;
};
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const services: Readonly<Record<string, Service>> = {
  "/workflows/1/triggers/manual/paths/invoke": { shape: teamsMessage, answer: { status: 202 } },
  "/api/webhooks/1/abc": { shape: discordMessage, answer: { status: 204 } },
  "/v2/enqueue": {
    shape: pagerDutyEvent,
    answer: { status: 202, body: { status: "success", message: "Event processed" } },
  },
  "/v2/bot/message/push": {
    shape: linePush,
    headers: z.object({
      authorization: z.literal(`Bearer ${accessToken}`),
      "x-line-retry-key": z.string().regex(uuid),
    }),
    answer: { status: 200, body: { sentMessages: [{ id: "1", quoteToken: "q" }] } },
  },
};

type Received = { path: string; body: Record<string, unknown>; headers: IncomingHttpHeaders };
const received: Received[] = [];
const violations: string[] = [];
let overriding: { status: number; body?: object } | null = null;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const path = request.url ?? "";
    const service = services[path];
    const text = Buffer.concat(chunks).toString();
    if (request.method !== "POST" || service === undefined) violations.push(`no such ${path}`);
    if (request.headers["content-type"] !== "application/json") violations.push("content-type");
    // Teams takes at most 28 KB, the others more.
    if (text.length > 28_000) violations.push("too large");
    for (const [schema, value] of [
      [service?.shape, JSON.parse(text)],
      [service?.headers, request.headers],
    ] as const) {
      const parsed = schema?.safeParse(value);
      if (parsed?.success === false) violations.push(`${path}: ${z.prettifyError(parsed.error)}`);
    }
    received.push({ path, body: JSON.parse(text), headers: request.headers });
    const { status, body } = overriding ?? service?.answer ?? { status: 404 };
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
});

const policy = createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true });
let database: Database;
let sender: Sender;
let base: string;
beforeAll(async () => {
  database = await createTestDatabase();
  sender = createSender({ policy });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await sender.close();
  await new Promise((settle) => server.close(settle));
  await database.close();
});
beforeEach(async () => {
  received.length = 0;
  violations.length = 0;
  overriding = null;
  await database.pool.query(
    "truncate notification_windows, notifications, notices, mails, alerts, outages, tellings",
  );
});

const chats = ["teams", "discord", "pagerduty", "line"] as const;
const forms: Readonly<Record<(typeof chats)[number], object>> = {
  teams: { url: "/workflows/1/triggers/manual/paths/invoke" },
  discord: { url: "/api/webhooks/1/abc" },
  pagerduty: { url: "/v2/enqueue", token: routingKey },
  line: { url: "/v2/bot/message/push", token: accessToken, recipient: group },
};

const add = (channelId: string, kind: (typeof chats)[number]) => {
  const form = { url: "", ...forms[kind] };
  const read = AddTargetForm.parse({ channelId, kind, name: kind, ...form, url: base + form.url });
  return addTarget(database.db, { policy, encryptionKey }, testActor, read);
};
const send = () =>
  sendAlerts({ pool: database.pool, sender, encryptionKey, log: pino({ level: "silent" }) });
const start = Date.now() - 3_600_000;

/** Notifications of a channel, in this order, and their alerts. */
async function tell(
  channelId: string,
  types: readonly string[],
  baseUrl = "https://console.example.com",
): Promise<void> {
  for (const [index, type] of types.entries()) {
    const detectedAt = new Date(start + index * 1_000);
    await database.db.notification.create({
      data: {
        ...{ channelId, type, detectedAt, closedAt: new Date(detectedAt.getTime() + 500) },
        key:
          { endpoint_failing: "50", certificate_ends: "7", recovered: "recovered" }[type] ?? "503",
        reason: "error_status_code",
        detail:
          type === "certificate_ends"
            ? "Certificate of b.example ends 2026-12-24T00:00:00Z"
            : "503",
        errorCount: 3,
        ...(type === "error_detected" ? { reasons: { "error_status_code 503": 3 } } : {}),
      },
    });
  }
  await closeDueWindows(database.pool, closingOptions({}, { baseUrl }));
  await send();
}

const failing = ["error_detected", "redelivery_stopped", "endpoint_failing", "certificate_ends"];

test("every alert reaches Teams, Discord, PagerDuty and LINE in the shape that each of them publishes", async () => {
  // The longest name there can be, of everything that is markup somewhere.
  const { id } = await createChannel(database.db, { name: "<@1> [x](y) *_~`|@ev" });
  for (const kind of chats) await add(id, kind);
  const targets = await listTargets(database.db, id);
  await tell(id, [...failing, "recovered"]);
  for (const { id: targetId } of targets) {
    await testTarget(database.db, testActor, "https://console.example.com", {
      ...{ channelId: id, targetId },
    });
  }
  await send();
  const { rows: waiting } = await database.pool.query<{ begins: boolean; seconds: number }>(
    `select body::jsonb ->> 'event_action' = 'trigger' as begins,
            extract(epoch from due_at - created_at)::float8 as seconds from alerts where state = 'queued'`,
  );
  expect(waiting).toEqual([{ begins: false, seconds: 60 }]);
  await database.pool.query("update alerts set due_at = now() - interval '1 second'");
  await send();
  expect(violations).toEqual([]);
  const countAt = (at: string) => received.filter(({ path }) => path === at).length;
  expect(Object.keys(services).map(countAt)).toEqual([6, 6, 7, 6]);
  const discord = received.find(({ path }) => path === "/api/webhooks/1/abc");
  expect(JSON.stringify(discord?.body)).toContain("\\\\<\\\\@1\\\\> \\\\[x\\\\]\\\\(y\\\\)");
  expect(await database.db.alert.count({ where: { state: "sent" } })).toBe(25);
});

test("Discord takes alerts of a console at any host, and their link stays", async () => {
  for (const [baseUrl, isKnownHost] of [
    ["https://console.example.com", true],
    ["http://localhost:3000", false],
    ["http://tocsin:3000", false],
    ["http://127.0.0.1:3000", false],
    ["http://[::1]:3000", false],
  ] as const) {
    const { id } = await createChannel(database.db);
    await add(id, "discord");
    await tell(id, ["error_detected"], baseUrl);
    const [embed] = received.splice(0).flatMap(({ body }) => discordMessage.parse(body).embeds);
    expect(embed?.url?.startsWith(baseUrl)).toBe(isKnownHost || undefined);
    expect(embed?.description).toContain(`(${baseUrl}/console/`);
  }
  expect(violations).toEqual([]);
});

const eventsReceived = () =>
  received.map(({ body: { event_action, dedup_key } }) => `${event_action} ${dedup_key}`);

test("what fails in a channel is one incident of PagerDuty, which its recovery resolves", async () => {
  const { id } = await createChannel(database.db);
  await add(id, "pagerduty");
  await tell(id, [...failing, "recovered"]);
  expect(violations).toEqual([]);
  const own = `tocsin-${id}`;
  expect(eventsReceived()).toEqual([
    `trigger ${own}`,
    `trigger ${own}`,
    `trigger ${own}`,
    `trigger ${own}-certificate`,
    `resolve ${own}`,
  ]);
});

test("what PagerDuty did not take keeps its place: no incident is resolved before it begins", async () => {
  const { id } = await createChannel(database.db);
  await add(id, "pagerduty");
  overriding = { status: 429 };
  await tell(id, ["error_detected", "recovered"]);
  expect(eventsReceived()).toEqual([`trigger tocsin-${id}`]);
  overriding = null;
  await database.pool.query("update alerts set due_at = now() - interval '1 second'");
  await send();
  expect(eventsReceived().slice(1)).toEqual([`trigger tocsin-${id}`, `resolve tocsin-${id}`]);
});

test("a test of PagerDuty leaves no incident, and holds up no alert", async () => {
  const { id } = await createChannel(database.db);
  await add(id, "pagerduty");
  const [target] = await listTargets(database.db, id);
  const place = { channelId: id, targetId: target?.id ?? "" };
  await testTarget(database.db, testActor, "https://console.example.com", place);
  await tell(id, ["error_detected"]);
  const [begun, ...others] = eventsReceived();
  expect(begun).toMatch(/^trigger tocsin-.+-test-/);
  expect(others).toEqual([`trigger tocsin-${id}`]);
  await database.pool.query("update alerts set due_at = now() - interval '1 second'");
  await send();
  expect(eventsReceived().slice(2)).toEqual([begun?.replace("trigger", "resolve")]);
  const [after] = await listTargets(database.db, id);
  expect(after?.alerts.map(({ type, isResolve }) => `${type} ${isResolve}`).sort()).toEqual([
    "error_detected false",
    "test false",
    "test true",
  ]);
});

test("what PagerDuty refuses for good fails at once, with its answer, and holds up nothing", async () => {
  const { id } = await createChannel(database.db);
  await add(id, "pagerduty");
  for (const status of [400, 403, 404, 410]) {
    await database.pool.query("truncate alerts, notifications, outages, tellings cascade");
    received.length = 0;
    overriding = { status, body: { status: "invalid event", message: "Event object is invalid" } };
    await tell(id, ["error_detected", "recovered"]);
    expect(eventsReceived()).toEqual([`trigger tocsin-${id}`, `resolve tocsin-${id}`]);
    const [target] = await listTargets(database.db, id);
    expect(target).toMatchObject({ waitingCount: 0, lastError: `error_status_code: ${status}` });
    expect(target?.alerts.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual([
      "failed 1",
      "failed 1",
    ]);
    expect(target?.alerts[0]?.answer).toContain("Event object is invalid");
  }
});

test("an answer that may be another one later is asked for again", async () => {
  const { id } = await createChannel(database.db);
  await add(id, "discord");
  for (const status of [302, 408, 425, 429, 500, 503]) {
    await database.pool.query("truncate alerts, notifications, outages, tellings cascade");
    overriding = { status };
    await tell(id, ["error_detected"]);
    expect(await listTargets(database.db, id)).toMatchObject([{ waitingCount: 1 }]);
  }
});

test("no key, token or recipient is stored unsealed", async () => {
  const { id } = await createChannel(database.db);
  for (const kind of chats) await add(id, kind);
  await tell(id, failing);
  const { rows } = await database.pool.query<{ stored: string }>(
    `select t::text as stored from alert_targets t union all select a::text from alerts a
      union all select e::text from audit_entries e`,
  );
  const stored = rows.map((row) => row.stored).join("\n");
  for (const secret of [routingKey, accessToken, group, "/api/webhooks/1/abc", "/workflows/1"]) {
    expect(stored).not.toContain(secret);
  }
});

test("a message that LINE says it has taken before is sent, with the same retry key as before", async () => {
  const { id } = await createChannel(database.db);
  await add(id, "line");
  overriding = { status: 500, body: { message: "Internal server error" } };
  await tell(id, ["error_detected"]);
  overriding = { status: 409, body: { message: "The retry key is already accepted" } };
  await database.pool.query("update alerts set due_at = now() - interval '1 second'");
  await send();
  const [first, second] = received.map(({ headers }) => headers["x-line-retry-key"]);
  expect(second).toBe(first);
  expect(await listTargets(database.db, id)).toMatchObject([
    {
      lastError: null,
      waitingCount: 0,
      alerts: [{ state: "sent", attempts: 2, statusCode: 409, type: "error_detected" }],
    },
  ]);
});

test("a target's history says what was answered, and holds the newest ten", async () => {
  const { id } = await createChannel(database.db);
  await add(id, "discord");
  overriding = { status: 400, body: { message: "Invalid Form Body", code: 50_035 } };
  await tell(id, ["error_detected"]);
  const [refused] = await listTargets(database.db, id);
  expect(refused?.alerts).toMatchObject([
    {
      ...{ type: "error_detected", state: "failed", statusCode: 400, attempts: 1 },
      answer: '{"message":"Invalid Form Body","code":50035}',
    },
  ]);
  const targetId = refused?.id ?? "";
  await database.pool.query(
    `insert into alerts (id, target_id, channel_id, body, created_at)
     select gen_random_uuid(), $1, $2, '{}', now() - interval '1 day' from generate_series(1, 30)`,
    [targetId, id],
  );
  const [full] = await listTargets(database.db, id);
  expect(full?.alerts).toHaveLength(10);
  expect(full?.alerts[0]?.statusCode).toBe(400);
});

test("a kind that only a newer version knows waits for it, and holds up nothing", async () => {
  const { id } = await createChannel(database.db);
  await add(id, "discord");
  await database.db.alertTarget.updateMany({ where: { channelId: id }, data: { kind: "pigeon" } });
  await add(id, "teams");
  await database.pool.query(
    `insert into alerts (id, target_id, channel_id, body, due_at)
     select gen_random_uuid(), id, channel_id, '{}', now() - interval '1 day'
       from alert_targets, generate_series(1, 20) where kind = 'pigeon'`,
  );
  await tell(id, ["error_detected"]);
  expect(received.map(({ path }) => path)).toEqual(["/workflows/1/triggers/manual/paths/invoke"]);
  expect(await database.db.alert.count({ where: { state: "queued" } })).toBe(20);
  expect((await listTargets(database.db, id)).map(({ kind }) => kind)).toEqual(["teams"]);
});

test("each kind asks for what it needs, and takes its service's address where none is given", () => {
  const read = (kind: AlertKind, given: object) => {
    const parsed = AddTargetForm.safeParse({ channelId: "1", kind, name: "x", ...given });
    return parsed.success
      ? parsed.data.url
      : parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
  };
  expect(alertKinds.map((kind) => read(kind, {}))).toEqual([
    ["url required"],
    ["url required"],
    ["url required"],
    ["url required"],
    ["token required"],
    ["token required", "recipient required"],
  ]);
  expect(read("pagerduty", { token: routingKey })).toBe("https://events.pagerduty.com/v2/enqueue");
  expect(read("line", { token: accessToken, recipient: group })).toBe(
    "https://api.line.me/v2/bot/message/push",
  );
  expect(read("line", { token: "a\r\nx: y 0123456789", recipient: "U1" })).toEqual([
    "token line_token",
    "recipient line_recipient",
  ]);
});
