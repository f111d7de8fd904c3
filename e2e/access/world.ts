import { randomBytes } from "node:crypto";
import { encode } from "next-auth/jwt";
import sharp from "sharp";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { addTarget } from "#lib/alerts/commands.ts";
import { setIcon } from "#lib/channels/icon.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { inviteToPlace } from "#lib/invitations/invite.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { issueChannelToken } from "#lib/tokens/channel-tokens.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { acceptedAtOf, newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { createSessionUser, createTestOutbox } from "#testing/account-factory.ts";
import {
  actorOf,
  createChannel,
  createMember,
  createProvider,
  createProviderMember,
  hashCheaply,
  testActor,
} from "#testing/factories.ts";

/**
 * How whoever asks stands to the own provider and channel; to the foreign ones everybody is a stranger, but for operators.
 * Programs have no cookie but a bearer token: a platform key, or an access token of the channel.
 */
export const roles = [
  "none",
  "platformKey",
  "channelToken",
  "stranger",
  "providerAdmin",
  "providerMember",
  "channelAdmin",
  "channelMember",
  "channelTester",
  "operator",
] as const;
export type Role = (typeof roles)[number];
export type PersonRole = Exclude<Role, "none" | "platformKey" | "channelToken">;

export const isPerson = (role: Role): role is PersonRole =>
  role !== "none" && role !== "platformKey" && role !== "channelToken";

/** What an address or a form names. `marker` stands in the page of nobody else. */
export type Ids = {
  marker: string;
  channelId: string;
  providerId: string;
  userId: string;
  webhookId: string;
  mailId: string;
  jobId: string;
  targetId: string;
  grantId: string;
  channelInvitationId: string;
  providerInvitationId: string;
};

/** Which place is asked for. */
export const whichPlaces = ["own", "foreign", "unknown"] as const;
export type Which = (typeof whichPlaces)[number];

export type Headers = Readonly<Record<string, string>>;
export type Person = { user: SessionUser; headers: Headers };

export type World = {
  places: Record<Which, Ids>;
  /** What a request carries that says who asks. */
  headers: Record<Role, Headers>;
  /** Somebody new in a role of the own place, for what uses a person up. */
  makePerson: (role: PersonRole) => Promise<Person>;
  /** Another access token of the own channel: those before may be revoked by what is asked for. */
  makeToken: () => Promise<Headers>;
  encryptionKey: Buffer;
  /** Of everybody in it. */
  password: string;
  passwordHash: string;
};

const cookieName = "tocsin.session";
const unknownUuid = "019b0000-0000-7000-8000-00000000ffff";

/** The database of the product under test, and a new world in it. */
export async function openWorld(): Promise<{ database: Database; world: World }> {
  const database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  const world = await createWorld(database, {
    encryptionKey: Buffer.from(process.env.E2E_ENCRYPTION_KEY ?? "", "hex"),
    authSecret: process.env.E2E_AUTH_SECRET ?? "",
  });
  return { database, world };
}

/** Two providers with a channel each and everything in it that has an id, and somebody in every role of the first ones. */
async function createWorld(
  database: Database,
  keys: { encryptionKey: Buffer; authSecret: string },
): Promise<World> {
  const { db } = database;
  const { encryptionKey, authSecret } = keys;
  const own = await createPlace(database, encryptionKey);
  const foreign = await createPlace(database, encryptionKey);
  const password = "a long enough password";
  const passwordHash = await hashCheaply(password);

  const makePerson = async (role: PersonRole): Promise<Person> => {
    const fields = { name: `Access ${role}`, isOperator: role === "operator", passwordHash };
    const user = await createSessionUser(db, fields);
    await giveRole(database, own, role, user.id);
    const sid = await openSession(db, user.id, { userAgent: "access test" });
    const cookie = await encode({ token: { sid }, secret: authSecret, salt: cookieName });
    return { user, headers: { cookie: `${cookieName}=${cookie}` } };
  };
  const { key } = await createPlatformKey(db, testActor, { name: "Access" });
  const tokenOf = async ({ channelId }: Ids): Promise<Headers> => {
    const token = await issueChannelToken(db, testActor, { channelId, keepHours: 24 });
    return { authorization: `Bearer ${token}` };
  };
  // So that there is one to be taken from whoever has nothing to do with it.
  await tokenOf(foreign);
  const headers: Record<Role, Headers> = {
    none: {},
    platformKey: { authorization: `Bearer ${key}` },
    channelToken: await tokenOf(own),
    stranger: (await makePerson("stranger")).headers,
    providerAdmin: (await makePerson("providerAdmin")).headers,
    providerMember: (await makePerson("providerMember")).headers,
    channelAdmin: (await makePerson("channelAdmin")).headers,
    channelMember: (await makePerson("channelMember")).headers,
    channelTester: (await makePerson("channelTester")).headers,
    operator: (await makePerson("operator")).headers,
  };
  const unknown: Ids = {
    marker: "qxmarkernone",
    channelId: "1000000000",
    providerId: "1000000000",
    userId: unknownUuid,
    webhookId: newWebhookId(new Date()),
    mailId: unknownUuid,
    jobId: unknownUuid,
    targetId: unknownUuid,
    grantId: unknownUuid,
    channelInvitationId: unknownUuid,
    providerInvitationId: unknownUuid,
  };
  const places = { own: own, foreign: foreign, unknown };
  return {
    places,
    headers,
    makePerson,
    makeToken: () => tokenOf(own),
    encryptionKey,
    password,
    passwordHash,
  };
}

async function createPlace({ db }: Database, encryptionKey: Buffer): Promise<Ids> {
  const marker = `qx${randomBytes(5).toString("hex")}`;
  const provider = await createProvider(db, { name: `${marker} provider` });
  const channel = await createChannel(db, {
    providerId: provider.id,
    name: marker,
    description: `${marker} description`,
    email: `${marker}@team.example`,
    webhookUrl: `https://${marker}.example.com/`,
    useWebhook: true,
    errorStatisticsAggregation: true,
    encryptionKey,
  });
  const channelId = channel.id;
  const admin = await createSessionUser(db);
  await createMember(db, channelId, { userId: admin.id });
  await createProviderMember(db, provider.id, { userId: admin.id });
  const { userId } = await createMember(db, channelId, { role: "member" });
  await createProviderMember(db, provider.id, { userId, role: "member" });

  const { post } = createTestOutbox();
  const offer = { role: "member", signUp: "open" } as const;
  const invite = async (place: { kind: "channel" | "provider"; id: string }) => {
    const email = `${marker}-${place.kind}@guest.example`;
    await inviteToPlace(db, post, admin, place, { ...offer, email });
    return (await db.invitation.findFirstOrThrow({ where: { email } })).id;
  };
  const picture = { width: 9, height: 9, channels: 3, background: "red" } as const;
  await setIcon(db, testActor, channelId, await sharp({ create: picture }).png().toBuffer());
  const policy = createTargetPolicy({ allowTargets: [], allowHttp: false });
  const target = { channelId, kind: "webhook", name: marker, url: "https://alerts.example.com/" };
  await addTarget(db, { policy, encryptionKey }, actorOf(admin), { ...target, kind: "webhook" });
  const at = new Date();
  const problem = { reason: "request_timeout", detail: "Request timeout" } as const;
  await db.problem.create({ data: { channelId, ...problem, beganAt: at, lastAt: at } });
  const ids: Ids = {
    marker,
    channelId,
    providerId: provider.id,
    userId,
    webhookId: await createEndedWebhook(db, channelId),
    mailId: await createMail(db, channelId, marker),
    jobId: await createJob(db, channelId),
    targetId: (await db.alertTarget.findFirstOrThrow({ where: { channelId } })).id,
    grantId: await createApplication(db, channelId),
    channelInvitationId: await invite({ kind: "channel", id: channelId }),
    providerInvitationId: await invite({ kind: "provider", id: provider.id }),
  };
  return ids;
}

async function createEndedWebhook(db: Database["db"], channelId: string): Promise<string> {
  const id = newWebhookId(new Date(Date.now() - 60_000));
  const acceptedAt = acceptedAtOf(id);
  await db.webhook.create({
    data: {
      id,
      channelId,
      acceptedAt,
      finishedAt: acceptedAt,
      state: "failed",
      attempts: 1,
      eventCount: 1,
      body: '{"destination":"U","events":[]}',
    },
  });
  await db.webhookAttempt.create({
    data: {
      webhookId: id,
      attempt: 1,
      startedAt: acceptedAt,
      channelId,
      url: "https://bot.example.com/",
      reason: "error_status_code",
      detail: "500",
      statusCode: 500,
      phases: {},
      responseBody: Buffer.from("sorry"),
    },
  });
  return id;
}

async function createMail(db: Database["db"], channelId: string, marker: string): Promise<string> {
  const mail = await db.mail.create({
    data: {
      channelId,
      recipient: `${marker}@team.example`,
      locale: "en",
      subject: marker,
      html: "<p>Text</p>",
      text: "Text",
      state: "sent",
      sentAt: new Date(),
      messageId: `<${marker}@example.com>`,
    },
  });
  return mail.id;
}

async function createJob(db: Database["db"], channelId: string): Promise<string> {
  const job = await db.redeliveryJob.create({
    data: {
      channelId,
      state: "done",
      filter: { states: null, eventType: null, eventId: null, doubtful: false },
      fromAt: new Date(0),
      toAt: new Date(1),
      ratePerSecond: 5,
      finishedAt: new Date(),
    },
  });
  return job.id;
}

async function createApplication(db: Database["db"], channelId: string): Promise<string> {
  const words = { company: "Company", contact: "Contact", reason: "Reason" };
  const grant = await db.notificationGrant.create({
    data: { channelId, holdsChannel: channelId, state: "pending", ...words },
  });
  return grant.id;
}

async function giveRole(
  { db }: Database,
  { channelId, providerId }: Ids,
  role: PersonRole,
  userId: string,
): Promise<void> {
  switch (role) {
    case "stranger":
    case "operator":
      return;
    case "providerAdmin":
      await createProviderMember(db, providerId, { userId, role: "admin" });
      return;
    case "providerMember":
      await createProviderMember(db, providerId, { userId, role: "member" });
      return;
    case "channelAdmin":
      await createMember(db, channelId, { userId, role: "admin" });
      return;
    case "channelMember":
      await createMember(db, channelId, { userId, role: "member" });
      return;
    case "channelTester":
      await createMember(db, channelId, { userId, role: "tester" });
  }
}
