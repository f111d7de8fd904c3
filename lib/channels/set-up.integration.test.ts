import { afterAll, beforeAll, expect, test } from "vitest";
import { createCertificates } from "#e2e/servers/certificates.ts";
import { testSender } from "#e2e/servers/sending.ts";
import { startTlsServer } from "#e2e/servers/tcp-server.ts";
import type { Database } from "#lib/db.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { testPolicy } from "#testing/closing-options.ts";
import {
  createChannel,
  createMember,
  createUser,
  testEncryptionKey as encryptionKey,
  testActor,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, deliverAll, failAll } from "#testing/test-webhooks.ts";
import { setWebhookUrl } from "./commands.ts";
import { findChannelOf } from "./queries.ts";
import { dismissSetUp, readSetUp } from "./set-up.ts";
import { turnSwitch } from "./switch.ts";
import { switchNames } from "./switches.ts";
import { prepareVerify } from "./verify-webhook.ts";

const certificates = createCertificates();
const allowTargets = ["127.0.0.1/32"];
const policy = createTargetPolicy({ allowTargets, allowHttp: false });

let database: Database;
let sender: Sender;
beforeAll(async () => {
  database = await createTestDatabase();
  sender = testSender({ ca: certificates.ca, allowTargets });
});
afterAll(async () => {
  await sender.close();
  await database.close();
});

/** A new channel whose list stands, with an Admin who can be written to. */
async function newChannel(isEmailVerified = false) {
  const { db } = database;
  const emailVerifiedAt = isEmailVerified ? new Date() : null;
  const { id } = await createChannel(db, { showsSetUp: true, emailVerifiedAt });
  const { id: userId } = await createUser(db);
  await createMember(db, id, { userId });
  const find = async () => {
    const found = await findChannelOf(db, userId, id);
    return found?.channel ?? expect.fail("no channel");
  };
  const states = async (access: "open" | "apply" = "open") => {
    const lines = await readSetUp(database, await find(), { ...testPolicy, access });
    return lines && Object.fromEntries(lines.map(({ step, state }) => [step, state]));
  };
  return { id, find, states };
}

test("nothing is called done before it is, and everything once it is so", async () => {
  const { id, find, states } = await newChannel();
  const { db, pool } = database;
  const off = Object.fromEntries(switchNames.map((name) => [name, "todo"]));
  expect(await states("apply")).toEqual({
    ...{ url: "todo", verify: "noUrl", ...off, firstEvent: "off", told: "not_applied" },
  });

  let status = 500;
  const server = await startTlsServer(certificates.issue({ names: ["127.0.0.1"] }), (socket) => {
    socket.on("data", () => socket.write(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`));
  });
  const url = `https://127.0.0.1:${server.port}/`;
  await setWebhookUrl(db, policy, testActor, id, url);
  const verify = async () => {
    const deps = { db, actor: testActor, encryptionKey, sender, timeZone: "UTC" };
    return (await prepareVerify(deps, await find()))();
  };
  await verify();
  expect(await states()).toMatchObject({ url: "done", verify: "todo" });
  status = 200;
  await verify();
  expect(await states()).toMatchObject({ verify: "done", firstEvent: "off", told: "unconfirmed" });
  await setWebhookUrl(db, policy, testActor, id, `${url}other`);
  expect(await states()).toMatchObject({ url: "done", verify: "todo" });
  await setWebhookUrl(db, policy, testActor, id, url);
  await server.close();

  await turnSwitch(db, testActor, id, "useWebhook", true);
  expect(await states()).toMatchObject({ useWebhook: "done", firstEvent: "todo" });
  await acceptSome(pool, id, 2);
  expect(await states()).toMatchObject({ firstEvent: "todo" });
  const [failing, good] = await claimSome(pool);
  await failAll(pool, failing === undefined ? [] : [failing]);
  expect(await states()).toMatchObject({ firstEvent: "failing" });
  await deliverAll(pool, good === undefined ? [] : [good]);
  await db.channel.update({ where: { id }, data: { emailVerifiedAt: new Date() } });
  expect(await states()).toMatchObject({ verify: "done", firstEvent: "done", told: "done" });
});

test("a first delivery stays one when the log has forgotten it, if it was counted", async () => {
  const { id, states } = await newChannel(true);
  const { db, pool } = database;
  await db.channel.update({ where: { id }, data: { webhookUrl: "https://bot.example.com/" } });
  for (const name of switchNames) await turnSwitch(db, testActor, id, name, true);
  await acceptSome(pool, id);
  await deliverAll(pool, await claimSome(pool));
  await db.webhook.deleteMany({ where: { channelId: id } });
  expect(await states()).toMatchObject({ firstEvent: "done" });
});

test("taken away, it is gone for everybody, and the log says who did it, once", async () => {
  const { id, states } = await newChannel();
  const { db } = database;
  await dismissSetUp(db, testActor, id);
  await dismissSetUp(db, testActor, id);
  expect(await states()).toBeNull();
  const where = { channelId: id, action: "set_up_dismissed" };
  expect(await db.auditEntry.count({ where })).toBe(1);
});
