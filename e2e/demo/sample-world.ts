import { hashPassword } from "#lib/accounts/passwords.ts";
import {
  newBotUserId,
  newChannelSecret,
  newDecimalId,
  sealChannelSecret,
} from "#lib/channel-secrets/secret.ts";
import { type ChannelSwitch, perSwitch } from "#lib/channels/switches.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { createUser } from "#testing/factories.ts";
import type { SampleBot } from "./sample-bot-server.ts";

type SampleChannel = {
  name: string;
  /** Also what it shows, for who looks at a page in each of its states. */
  description: string;
  /** How it stands to the error notification; approved when left out. */
  applies?: "waits" | "not yet";
  /** A behaviour of the sample bot server, or a URL where no bot server answers; null: as it was created, and no events come. */
  bot: { behaviour: string } | { url: "closed port" | "unknown host" | "plain text" } | null;
  /** Switches that stay off; all of them without a bot. */
  off?: readonly ChannelSwitch[];
};

const providers: { name: string; channels: SampleChannel[] }[] = [
  {
    name: "Harbour Coffee",
    channels: [
      {
        name: "Orders bot",
        description: "Takes orders. Fails now and then, in every way.",
        bot: { behaviour: "mixed" },
      },
      {
        name: "Loyalty cards",
        description: "Stamps and rewards. Answers well.",
        bot: { behaviour: "well" },
      },
      {
        name: "Store locator",
        description: "Finds the next store. Often too slow.",
        bot: { behaviour: "slow" },
      },
      {
        name: "Gift cards",
        description: "Fails with 500 since the last release.",
        bot: { behaviour: "failing" },
      },
      {
        name: "Opening hours",
        description: "Its URL leads to the web site: answered, not received.",
        bot: { behaviour: "webSite" },
      },
      {
        name: "Night shift",
        description: "Down half of each minute; redeliveries arrive.",
        bot: { behaviour: "recovering" },
      },
      {
        name: "Catering",
        description: "Fails, and Error statistics aggregation is off.",
        bot: { behaviour: "failing" },
        off: ["errorStatisticsAggregation"],
      },
      {
        name: "Suppliers",
        description: "Fails, and Webhook redelivery is off.",
        bot: { behaviour: "failing" },
        off: ["webhookRedelivery"],
      },
      {
        name: "Wholesale",
        description: "Use webhook is off: events are only logged.",
        bot: { behaviour: "well" },
        off: ["useWebhook"],
      },
      {
        name: "New shop",
        description: "Just created: no Webhook URL, nothing is on, nothing came.",
        applies: "not yet",
        bot: null,
      },
    ],
  },
  {
    name: "Northline Clinic",
    channels: [
      {
        name: "予約リマインダー",
        description: "診察予約のお知らせ。正常に応答します。",
        bot: { behaviour: "well" },
      },
      {
        name: "Front desk",
        description: "Moved, and answers with a redirect.",
        applies: "waits",
        bot: { behaviour: "redirect" },
      },
      {
        name: "Lab results",
        description: "Drops the line.",
        applies: "not yet",
        bot: { behaviour: "dropping" },
      },
      { name: "Pharmacy", description: "Its port is closed.", bot: { url: "closed port" } },
      {
        name: "Ward calls",
        description: "Its host name does not exist.",
        bot: { url: "unknown host" },
      },
      {
        name: "Visitors",
        description: "Answers without TLS on an https URL.",
        bot: { url: "plain text" },
      },
    ],
  },
];

/** The people of the sample world and what each may do. */
const people = [
  { email: "operator@example.com", name: "Olga Operator", isOperator: true, channelRole: null },
  { email: "admin@example.com", name: "Aki Admin", isOperator: false, channelRole: "admin" },
  { email: "member@example.com", name: "Mia Member", isOperator: false, channelRole: "member" },
  { email: "tester@example.com", name: "Tom Tester", isOperator: false, channelRole: "tester" },
] as const;

export type SampleWorld = {
  people: { email: string; what: string }[];
  /** Bots by channel id. */
  bots: Map<string, SampleBot>;
  /** Those that events come to. */
  channelIds: string[];
  /** Every channel with what it shows. */
  states: { channelId: string; name: string; shows: string }[];
};

export type SampleUrls = { botPort: number; closedPort: number };

/** Makes the sample providers, channels and people, or renews their webhook URLs when they are there from an earlier run. */
export async function createSampleWorld(
  db: TransactionalDb,
  options: { encryptionKey: Buffer; password: string },
): Promise<SampleWorld> {
  const users = await createPeople(db, options.password);
  const bots = new Map<string, SampleBot>();
  const states: SampleWorld["states"] = [];
  for (const { name, channels } of providers) {
    const providerId = await findOrCreateProvider(db, name);
    await addMembers(db, users, { providerId });
    for (const channel of channels) {
      const channelSecret = newChannelSecret();
      const channelId = await createSampleChannel(
        db,
        providerId,
        channel,
        channelSecret,
        options.encryptionKey,
      );
      await addMembers(db, users, { channelId });
      states.push({ channelId, name: channel.name, shows: channel.description });
      if (channel.bot === null) continue;
      bots.set(channelId, {
        behaviour: "behaviour" in channel.bot ? channel.bot.behaviour : "",
        channelSecret,
      });
    }
  }
  return {
    people: people.map(({ email, isOperator, channelRole }) => ({
      email,
      what: isOperator ? "operator" : `${channelRole} of every sample channel`,
    })),
    bots,
    channelIds: [...bots.keys()],
    states,
  };
}

/** Points every sample channel at its bot server and switches on what is not to stay off. */
export async function pointAtBots(db: TransactionalDb, urls: SampleUrls): Promise<void> {
  const rows = await db.channel.findMany({ select: { id: true, name: true } });
  const byName = new Map(
    providers.flatMap(({ channels }) => channels).map((channel) => [channel.name, channel]),
  );
  for (const { id, name } of rows) {
    const { bot = null, off = [] } = byName.get(name) ?? {};
    if (bot === null) continue;
    await db.channel.update({
      where: { id },
      data: {
        webhookUrl: urlOf(bot, id, urls),
        ...perSwitch((one) => !off.includes(one)),
      },
    });
  }
}

function urlOf(
  bot: NonNullable<SampleChannel["bot"]>,
  channelId: string,
  { botPort, closedPort }: SampleUrls,
): string {
  if ("behaviour" in bot) return `http://127.0.0.1:${botPort}/bots/${channelId}`;
  switch (bot.url) {
    case "closed port":
      return `http://127.0.0.1:${closedPort}/webhook`;
    case "unknown host":
      return "https://ward-calls.invalid/webhook";
    case "plain text":
      return `https://127.0.0.1:${botPort}/bots/${channelId}`;
  }
}

type SampleUser = { id: string; channelRole: "admin" | "member" | "tester" | null };

async function createPeople(db: TransactionalDb, password: string): Promise<SampleUser[]> {
  const made: SampleUser[] = [];
  for (const { channelRole, ...person } of people) {
    const known = await db.user.findUnique({
      where: { email: person.email },
      select: { id: true },
    });
    // At the product's cost: a demo may be open to others.
    const stored = async () => ({ passwordHash: await hashPassword(password) });
    const { id } = known ?? (await createUser(db, { ...person, ...(await stored()) }));
    made.push({ id, channelRole });
  }
  return made;
}

async function findOrCreateProvider(db: TransactionalDb, name: string): Promise<string> {
  const known = await db.provider.findFirst({ where: { name }, select: { id: true } });
  return known?.id ?? (await db.provider.create({ data: { id: newDecimalId(), name } })).id;
}

async function createSampleChannel(
  db: TransactionalDb,
  providerId: string,
  channel: SampleChannel,
  channelSecret: string,
  encryptionKey: Buffer,
): Promise<string> {
  const known = await db.channel.findFirst({
    where: { providerId, name: channel.name },
    select: { id: true },
  });
  const id = known?.id ?? newDecimalId();
  const sealedSecret = sealChannelSecret(encryptionKey, id, channelSecret);
  if (known !== null) {
    await db.channel.update({
      where: { id },
      data: { sealedSecret, nextSealedSecret: null, nextSecretFrom: null },
    });
    return id;
  }
  await db.channel.create({
    data: {
      id,
      providerId,
      name: channel.name,
      description: channel.description,
      email: `${id}@channels.example.com`,
      emailVerifiedAt: new Date(),
      botUserId: newBotUserId(),
      sealedSecret,
      // What has been in use for thirty days has been set up.
      showsSetUp: channel.bot === null,
      ...(isCounted(channel)
        ? { errorStatisticsAggregation: true, countingPeriods: { create: {} } }
        : {}),
      ...(channel.applies === "not yet" ? {} : { grants: { create: sampleGrant(id, channel) } }),
    },
  });
  return id;
}

const isCounted = ({ bot, off = [] }: SampleChannel): boolean =>
  bot !== null && !off.includes("errorStatisticsAggregation");

/** Most sample channels have the error notification; one waits for the operator. */
function sampleGrant(id: string, { name, applies }: SampleChannel) {
  const isPending = applies === "waits";
  return {
    holdsChannel: id,
    appliedBy: { connect: { email: "admin@example.com" } },
    company: "Sample Company",
    contact: "Aki Admin, admin@example.com",
    reason: `${name} is in daily use.`,
    ...(isPending ? {} : { state: "approved" as const, decidedAt: new Date() }),
  };
}

async function addMembers(
  db: TransactionalDb,
  users: readonly SampleUser[],
  place: { providerId: string } | { channelId: string },
): Promise<void> {
  for (const { id: userId, channelRole } of users) {
    if (channelRole === null) continue;
    if ("channelId" in place) {
      await db.channelMember.upsert({
        where: { channelId_userId: { channelId: place.channelId, userId } },
        create: { ...place, userId, role: channelRole },
        update: {},
      });
    } else if (channelRole !== "tester") {
      await db.providerMember.upsert({
        where: { providerId_userId: { providerId: place.providerId, userId } },
        create: { ...place, userId, role: channelRole },
        update: {},
      });
    }
  }
}
