import type { Db } from "#lib/db.ts";
import { addressKey } from "#lib/outbox/mail-address.ts";
import type { RecipientEntry } from "./preference-form.ts";
import { knownTypes } from "./schema.ts";

type Person = { id: string; email: string; name: string; emailVerifiedAt: Date | null };

const peopleMax = 200;

/** Who gets the mails of a channel, or why not: its address, the reader, and the other Admins. */
export async function listRecipients(
  db: Db,
  channel: { id: string; email: string },
  readerId: string,
): Promise<RecipientEntry[]> {
  const [own, admins, wishes] = await Promise.all([
    db.channel.findUnique({ where: { id: channel.id }, select: { emailVerifiedAt: true } }),
    db.user.findMany({
      where: { disabledAt: null, channels: { some: { channelId: channel.id, role: "admin" } } },
      select: { id: true, email: true, name: true, emailVerifiedAt: true },
      orderBy: { name: "asc" },
      take: peopleMax,
    }),
    db.mailPreference.findMany({ where: { channelId: channel.id }, take: 1_000 }),
  ]);
  const people: Person[] = [...admins].sort(
    (a, b) => Number(b.id === readerId) - Number(a.id === readerId),
  );
  const channelAddress = {
    ...{ email: channel.email, name: null, whose: "channel" as const },
    isVerified: own?.emailVerifiedAt != null,
  };
  const all = [
    channelAddress,
    ...people.map((person) => ({
      ...{ email: person.email, name: person.name, isVerified: person.emailVerifiedAt !== null },
      whose: person.id === readerId ? ("own" as const) : ("other" as const),
    })),
  ];
  const stopped = await db.suppressedAddress.findMany({
    where: { addressKey: { in: all.map(({ email }) => addressKey(email)) } },
    select: { addressKey: true, answer: true },
  });
  return all.map(({ email, ...entry }) => {
    const key = addressKey(email);
    const wish = wishes.find((one) => one.addressKey === key);
    return {
      ...entry,
      address: email,
      stoppedBecause: stopped.find((one) => one.addressKey === key)?.answer ?? null,
      isUnsubscribed: wish?.unsubscribedAt != null,
      mutedTypes: knownTypes.filter((type) => wish?.mutedTypes.includes(type)),
      weekly: wish?.weeklyDigest ?? false,
    };
  });
}
