import { createSecureServer } from "node:http2";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createCertificates, type ServerIdentity } from "#e2e/servers/certificates.ts";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import { testSender } from "#e2e/servers/sending.ts";
import type { Database } from "#lib/db.ts";
import { findCertificate } from "#lib/endpoint-health/find-certificate.ts";
import { keepCertificates } from "#lib/endpoint-health/keep-certificates.ts";
import { openLog } from "#lib/log.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import { noteEndingCertificates } from "#lib/notifications/note-certificates.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel, createMember, createUser, testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createWorker, type Worker } from "./worker.ts";

const dayMs = 86_400_000;
const certificates = createCertificates();

let database: Database;
let sender: Sender;
const servers: Server[] = [];
let worker: Worker;

beforeAll(async () => {
  database = await createTestDatabase();
  sender = testSender({ ca: certificates.ca });
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(async () => {
  await sender.close();
  await database.close();
});

async function startBot(identity: ServerIdentity, status = 200): Promise<Server> {
  const server = createServer(identity, (request, response) => {
    request.resume();
    // Each webhook shakes hands anew.
    response.writeHead(status, { connection: "close" }).end();
  });
  servers.push(server);
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  return server;
}

const urlOf = (server: Server) =>
  `https://localhost:${(server.address() as AddressInfo).port}/hook`;

/** Sends so many webhooks of the channel, and stops as a worker does. */
async function deliver(channelId: string, count = 1): Promise<void> {
  worker = createWorker({
    database,
    send: (request) => sender.send(request),
    slots: 8,
    scheduleMs: [60_000],
    notificationWindowMs: 300_000,
    encryptionKey: testEncryptionKey,
    log: openLog("test", "silent"),
  });
  worker.start();
  for (let sent = 0; sent < count; sent += 1) {
    await acceptWebhooks(database.pool, [
      { channelId, events: ['{"type":"follow"}'], idempotencyKey: null },
    ]);
    worker.notify();
    await eventually("the webhook was recorded", async () => {
      const { rows } = await database.pool.query(
        "select from webhook_queue where channel_id = $1 and lane = 0",
        [channelId],
      );
      return rows.length === 0;
    });
  }
  await worker.stop();
}

const notes = async (channelId: string) =>
  database.db.notification.findMany({
    where: { channelId, type: "certificate_ends" },
    orderBy: { closedAt: "asc" },
    select: { key: true, detail: true, untold: true },
  });

async function channelAt(server: Server, webhookUrl = urlOf(server)) {
  const channel = await createChannel(database.db, {
    ...{ webhookUrl, useWebhook: true, emailVerifiedAt: null },
  });
  const admin = await createUser(database.db);
  await createMember(database.db, channel.id, { userId: admin.id });
  return { ...channel, admin };
}

const inDays = (days: number) => new Date(Date.now() + days * dayMs);

test("the certificate of a bot server is seen from deliveries and told 14, 7 and 1 days before its end, each once", async () => {
  const server = await startBot(
    certificates.issue({ names: ["localhost"], fromDays: -70, toDays: 20 }),
  );
  const channel = await channelAt(server);
  expect(await findCertificate(database.pool, channel.id)).toBeNull();
  await deliver(channel.id, 3);
  const found = await findCertificate(database.pool, channel.id);
  expect(found).toMatchObject({ host: "localhost", daysLeft: 19, endsSoon: false });

  for (const days of [5, 7, 8, 14, 15, 19.5]) {
    // Two workers look at once.
    await Promise.all([
      noteEndingCertificates(database.pool, inDays(days)),
      noteEndingCertificates(database.pool, inDays(days)),
    ]);
  }
  const detail = `Certificate of localhost ends ${found?.endsAt.toISOString().replace(".000Z", "Z")}`;
  expect(await notes(channel.id)).toEqual(
    ["14", "7", "1"].map((key) => ({ key, detail, untold: null })),
  );

  await closeDueWindows(database.pool, closingOptions({}, { now: inDays(19.6) }));
  const mails = await database.db.mail.findMany({ where: { recipient: channel.admin.email } });
  expect(mails).toHaveLength(3);
  expect(mails[0]?.subject).toContain("The certificate of your bot server ends soon");
  expect(await database.db.outage.count({ where: { channelId: channel.id } })).toBe(0);
});

test("a certificate is seen when the answer is an error, too", async () => {
  const server = await startBot(certificates.issue({ names: ["localhost"], toDays: 9 }), 500);
  const channel = await channelAt(server);
  await deliver(channel.id);
  expect(await findCertificate(database.pool, channel.id)).toMatchObject({ daysLeft: 8 });
});

test("a renewed certificate takes the place of the old one, of which nothing is told any more", async () => {
  const server = await startBot(
    certificates.issue({ names: ["localhost"], fromDays: -70, toDays: 13 }),
  );
  const channel = await channelAt(server);
  await deliver(channel.id);
  await noteEndingCertificates(database.pool);
  expect(await notes(channel.id)).toMatchObject([{ key: "14" }]);
  server.setSecureContext(certificates.issue({ names: ["localhost"], fromDays: 0, toDays: 90 }));
  // A sender that remembers no session: the other would resume the old one for up to ten minutes.
  const old = sender;
  sender = testSender({ ca: certificates.ca });
  await database.pool.query(
    "update bot_certificates set seen_at = seen_at - interval '1 hour', first_seen_at = first_seen_at - interval '1 hour'",
  );
  await deliver(channel.id);
  await old.close();
  expect(await findCertificate(database.pool, channel.id)).toMatchObject({
    daysLeft: 89,
    endsSoon: false,
  });
  await noteEndingCertificates(database.pool, inDays(7));
  expect(await notes(channel.id)).toHaveLength(1);
});

test("one of two servers that ends is told of though the other one has just been renewed", async () => {
  const url = "https://bot.example.com/";
  const channel = await createChannel(database.db, { webhookUrl: url, useWebhook: true });
  const see = (fingerprint: string, days: number, agoMinutes: number) =>
    keepCertificates(database.pool, [
      {
        ...{ channelId: channel.id, url, fingerprint },
        ...{ notBefore: inDays(-70), notAfter: inDays(days) },
        ...{ firstAgoMs: agoMinutes * 60_000, agoMs: agoMinutes * 60_000 },
      },
    ]);
  await see("ending", 13.9, 50);
  await see("renewed", 90, 1);
  await noteEndingCertificates(database.pool);
  expect(await notes(channel.id)).toEqual([]);
  // Within the hour another sight of it is written down.
  await see("ending", 13.9, 0);
  await noteEndingCertificates(database.pool);
  expect(await notes(channel.id)).toMatchObject([{ key: "14" }]);
});

test("a certificate made for a few days is told only in the last third of its life", async () => {
  const server = await startBot(
    certificates.issue({ names: ["localhost"], fromDays: 0, toDays: 6 }),
  );
  const channel = await channelAt(server);
  await deliver(channel.id);
  for (const days of [0, 3, 5.5]) await noteEndingCertificates(database.pool, inDays(days));
  expect(await notes(channel.id)).toMatchObject([{ key: "1" }]);
});

test("nothing is told of a certificate at a URL that the channel no longer has, or after its end", async () => {
  const server = await startBot(
    certificates.issue({ names: ["localhost"], fromDays: -70, toDays: 5 }),
  );
  const [moved, late] = [await channelAt(server), await channelAt(server)];
  await deliver(moved.id);
  await deliver(late.id);
  await database.db.channel.update({
    where: { id: moved.id },
    data: { webhookUrl: "https://elsewhere.example.com/" },
  });
  expect(await findCertificate(database.pool, moved.id)).toBeNull();
  await noteEndingCertificates(database.pool, inDays(6));
  expect([...(await notes(moved.id)), ...(await notes(late.id))]).toEqual([]);
});

test("the certificate of an HTTP/2 connection is seen, and of one that was opened for another request", async () => {
  const identity = certificates.issue({ names: ["localhost"], toDays: 12 });
  const server = createSecureServer(identity, (_, response) => response.end());
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/hook`;
  const outcomes = [];
  for (const webhookId of ["01K9Z0000000000000000000AA", "01K9Z0000000000000000000AB"]) {
    outcomes.push(
      await sender.send({ url, webhookId, body: Buffer.from("{}"), channelSecret: "x" }),
    );
  }
  expect(outcomes.map(({ protocol }) => protocol)).toEqual(["h2", "h2"]);
  const [first, second] = outcomes.map(({ certificate }) => certificate);
  expect(first?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(second).toEqual(first);
  server.close();
});

test("a certificate renewed between two sights that are written down together takes the old one's place", async () => {
  const channel = await createChannel(database.db, { webhookUrl: "https://bot.example.com/" });
  const sight = (
    fingerprint: string,
    days: number,
    ago: { firstAgoMs: number; agoMs: number },
  ) => ({
    ...{ channelId: channel.id, url: "https://bot.example.com/", fingerprint },
    ...{ notBefore: inDays(-70), notAfter: inDays(days), ...ago },
  });
  const shown = async () => (await findCertificate(database.pool, channel.id))?.daysLeft;
  const [old, renewed] = [
    sight("a", 13, { firstAgoMs: 4_000, agoMs: 4_000 }),
    sight("b", 90, { firstAgoMs: 2_000, agoMs: 2_000 }),
  ];
  await keepCertificates(database.pool, [old, renewed]);
  expect(await shown()).toBe(89);
  await noteEndingCertificates(database.pool);
  expect(await notes(channel.id)).toEqual([]);
  // A late word of another worker about the old one changes nothing; one that has seen it since does.
  await keepCertificates(database.pool, [sight("a", 13, { firstAgoMs: 60_000, agoMs: 60_000 })]);
  expect(await shown()).toBe(89);
  await keepCertificates(database.pool, [sight("a", 13, { firstAgoMs: 0, agoMs: 0 })]);
  expect(await shown()).toBe(12);
});
