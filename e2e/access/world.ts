import { encode } from "next-auth/jwt";
import { openSession } from "#lib/accounts/sessions.ts";
import type { Database } from "#lib/db.ts";
import {
  createChannel,
  createMember,
  createProvider,
  createProviderMember,
  createUser,
} from "#prisma/factories.ts";

/** How somebody stands to the own provider and channel; to the foreign ones everybody is a stranger, but for operators. */
export const roles = [
  "none",
  "stranger",
  "providerAdmin",
  "providerMember",
  "channelAdmin",
  "channelMember",
  "channelTester",
  "operator",
] as const;
export type Role = (typeof roles)[number];

/** What an address or a form names. `marker` stands in the page of nobody else. */
export type Ids = { channelId: string; providerId: string; userId: string; marker: string };

export type World = {
  cookies: Record<Role, string | null>;
  own: Ids;
  foreign: Ids;
  unknown: Ids;
};

const cookieName = "tocsin.session";

/** Two providers with a channel each, and a signed-in person for every role in the first ones. */
export async function createWorld(
  { db }: Database,
  keys: { encryptionKey: Buffer; authSecret: string },
): Promise<World> {
  const { encryptionKey, authSecret } = keys;
  const place = async (marker: string): Promise<Ids> => {
    const provider = await createProvider(db, { name: `${marker} provider` });
    const channel = await createChannel(db, {
      providerId: provider.id,
      name: marker,
      description: `${marker} description`,
      webhookUrl: `https://${marker}.example.com/`,
      useWebhook: true,
      errorStatisticsAggregation: true,
      encryptionKey,
    });
    const { userId } = await createMember(db, channel.id);
    return { channelId: channel.id, providerId: provider.id, userId, marker };
  };
  const [own, foreign] = [await place("qxmarkerone"), await place("qxmarkertwo")];

  const signedIn = async (role: Role): Promise<string> => {
    const user = await createUser(db, { name: `Access ${role}`, isOperator: role === "operator" });
    const sid = await openSession(db, user.id, { userAgent: "access test" });
    const at = { userId: user.id };
    if (role === "providerAdmin")
      await createProviderMember(db, own.providerId, { ...at, role: "admin" });
    if (role === "providerMember")
      await createProviderMember(db, own.providerId, { ...at, role: "member" });
    if (role === "channelAdmin") await createMember(db, own.channelId, { ...at, role: "admin" });
    if (role === "channelMember") await createMember(db, own.channelId, { ...at, role: "member" });
    if (role === "channelTester") await createMember(db, own.channelId, { ...at, role: "tester" });
    return `${cookieName}=${await encode({ token: { sid }, secret: authSecret, salt: cookieName })}`;
  };
  const cookies: Record<string, string | null> = { none: null };
  for (const role of roles) if (role !== "none") cookies[role] = await signedIn(role);
  return {
    cookies: cookies as World["cookies"],
    own,
    foreign,
    unknown: {
      channelId: "1000000000",
      providerId: "1000000000",
      userId: "019b0000-0000-7000-8000-000000000000",
      marker: "qxmarkernone",
    },
  };
}
