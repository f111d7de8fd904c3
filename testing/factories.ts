// Rows for tests, seed and demo: valid and unique by default, every field open to an override.
import { randomBytes } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { type Actor, commandActor } from "#lib/audit/actor.ts";
import {
  newBotUserId,
  newChannelSecret,
  newDecimalId,
  sealChannelSecret,
} from "#lib/channel-secrets/secret.ts";
import type { Db } from "#lib/db.ts";
import type { ChannelRole, ProviderRole } from "#lib/members/schema.ts";
import type { Prisma } from "#prisma/generated/client.ts";

/** The key that `createChannel` seals with unless told otherwise. Tests only. */
export const testEncryptionKey = Buffer.alloc(32, 7);

/** Who acts where a test does not care. */
export const testActor: Actor = commandActor("test");

/** A person as commands take who acts. */
export const actorOf = (user: { id: string; name?: string; isOperator?: boolean }) => ({
  kind: "user" as const,
  id: user.id,
  name: user.name ?? "Somebody",
  isOperator: user.isOperator ?? false,
  from: null,
  session: null,
});

const unique = (): string => randomBytes(5).toString("hex");

/**
 * A password as it is stored, at the least cost that argon2id has: to check it costs no more, where one that the product made
 * takes 0.2 s of a core each time. The hash says what it costs, so the product reads it like its own. Tests only.
 */
export const hashCheaply = (password: string): Promise<string> =>
  hash(password, { memoryCost: 8, timeCost: 1, parallelism: 1 });

/** A person whose address is verified. Without a `password`, which is hashed cheaply, nobody can sign in. */
export async function createUser(
  db: Db,
  overrides: Partial<Prisma.UserUncheckedCreateInput> & { password?: string } = {},
) {
  const { password, ...fields } = overrides;
  const tag = unique();
  return db.user.create({
    data: {
      email: `person-${tag}@example.com`,
      name: `Person ${tag}`,
      emailVerifiedAt: new Date(),
      ...(password === undefined ? {} : { passwordHash: await hashCheaply(password) }),
      ...fields,
    },
  });
}

export function createProvider(
  db: Db,
  overrides: Partial<Prisma.ProviderUncheckedCreateInput> = {},
) {
  return db.provider.create({
    data: { id: newDecimalId(), name: `Provider ${unique()}`, ...overrides },
  });
}

type ChannelOverrides = Partial<Omit<Prisma.ChannelUncheckedCreateInput, "sealedSecret">> & {
  /** The channel secret in the clear; random when absent. */
  secret?: string;
  encryptionKey?: Buffer;
};

/**
 * A channel with every switch off, no URL and a verified address, in a new provider unless `providerId` is given. With
 * `errorStatisticsAggregation: true` a counting period is open from the channel's creation, as the switch would leave it.
 * Returns the row and the secret in the clear.
 */
export async function createChannel(db: Db, overrides: ChannelOverrides = {}) {
  const { secret = newChannelSecret(), encryptionKey = testEncryptionKey, ...fields } = overrides;
  const id = fields.id ?? newDecimalId();
  const channel = await db.channel.create({
    data: {
      name: `Bot ${unique()}`,
      description: "Made for a test.",
      email: `channel-${unique()}@example.com`,
      emailVerifiedAt: new Date(),
      // As one that was set up long ago.
      showsSetUp: false,
      botUserId: newBotUserId(),
      ...fields,
      id,
      providerId: fields.providerId ?? (await createProvider(db)).id,
      sealedSecret: sealChannelSecret(encryptionKey, id, secret),
    },
  });
  if (channel.errorStatisticsAggregation) {
    await db.countingPeriod.create({
      data: { channelId: channel.id, startedAt: channel.createdAt },
    });
  }
  return { ...channel, secret };
}

type MemberOverrides<Role> = { userId?: string; role?: Role };

/** Gives a person (a new one unless `userId` is given) a role in a channel; Admin unless told otherwise. */
export async function createMember(
  db: Db,
  channelId: string,
  overrides: MemberOverrides<ChannelRole> = {},
) {
  const userId = overrides.userId ?? (await createUser(db)).id;
  return db.channelMember.create({
    data: { channelId, userId, role: overrides.role ?? "admin" },
  });
}

/** As createMember, for a provider. */
export async function createProviderMember(
  db: Db,
  providerId: string,
  overrides: MemberOverrides<ProviderRole> = {},
) {
  const userId = overrides.userId ?? (await createUser(db)).id;
  return db.providerMember.create({
    data: { providerId, userId, role: overrides.role ?? "admin" },
  });
}

/** An application for the error notification that operators approved long ago. */
export function approveNotification(
  db: Db,
  channelId: string,
  overrides: Partial<Prisma.NotificationGrantUncheckedCreateInput> = {},
) {
  return db.notificationGrant.create({
    data: {
      channelId,
      holdsChannel: channelId,
      state: "approved",
      company: "Test company",
      contact: "Test contact",
      reason: "Made for a test.",
      appliedAt: new Date(0),
      decidedAt: new Date(0),
      ...overrides,
    },
  });
}
