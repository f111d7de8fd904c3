import { AppError } from "#lib/app-error.ts";
import { perSwitch } from "#lib/channels/switches.ts";
import type { Db } from "#lib/db.ts";
import type { ListQuery, ProvisionedChannel, ProvisionedProvider } from "./schema.ts";

const providerColumns = {
  id: true,
  name: true,
  disabledAt: true,
  version: true,
  createdAt: true,
} as const;
const channelColumns = {
  id: true,
  providerId: true,
  name: true,
  description: true,
  email: true,
  botUserId: true,
  privacyPolicyUrl: true,
  termsOfUseUrl: true,
  webhookUrl: true,
  ...perSwitch(() => true as const),
  disabledAt: true,
  version: true,
  createdAt: true,
} as const;

/** For platform keys, which reach every provider. @throws AppError not_found */
export async function getProvider(db: Db, id: string): Promise<ProvisionedProvider> {
  const row = await db.provider.findUnique({ where: { id: asId(id) }, select: providerColumns });
  if (row === null) throw unknown("provider", id);
  const { id: providerId, ...provider } = row;
  return { providerId, ...provider };
}

/** For platform keys, which reach every channel. @throws AppError not_found */
export async function getChannel(db: Db, id: string): Promise<ProvisionedChannel> {
  const row = await db.channel.findUnique({ where: { id: asId(id) }, select: channelColumns });
  if (row === null) throw unknown("channel", id);
  const { id: channelId, ...channel } = row;
  return { channelId, ...channel };
}

/** By id, `limit` at a time; `next` is the cursor of the following page, absent on the last. */
export async function listProvisionedProviders(
  db: Db,
  { limit, cursor }: ListQuery,
): Promise<{ providers: ProvisionedProvider[]; next?: string }> {
  const rows = await db.provider.findMany({
    where: cursor === undefined ? {} : { id: { gt: asId(cursor) } },
    orderBy: { id: "asc" },
    take: limit + 1,
    select: providerColumns,
  });
  const { page, ...next } = cut(rows, limit);
  return { providers: page.map(({ id, ...rest }) => ({ providerId: id, ...rest })), ...next };
}

/** As listProvisionedProviders, all channels or those of one provider. */
export async function listProvisionedChannels(
  db: Db,
  { limit, cursor, providerId }: ListQuery,
): Promise<{ channels: ProvisionedChannel[]; next?: string }> {
  const rows = await db.channel.findMany({
    where: {
      ...(providerId === undefined ? {} : { providerId: asId(providerId) }),
      ...(cursor === undefined ? {} : { id: { gt: asId(cursor) } }),
    },
    orderBy: { id: "asc" },
    take: limit + 1,
    select: channelColumns,
  });
  const { page, ...next } = cut(rows, limit);
  return { channels: page.map(({ id, ...rest }) => ({ channelId: id, ...rest })), ...next };
}

function cut<Row extends { id: string }>(
  rows: Row[],
  limit: number,
): { page: Row[]; next?: string } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return rows.length > limit && last !== undefined ? { page, next: last.id } : { page };
}

/** PostgreSQL refuses a text with NUL; nothing is called so. */
const asId = (text: string): string => (text.includes("\0") ? "" : text);

const unknown = (what: string, id: string) =>
  new AppError("not_found", `There is no ${what} ${JSON.stringify(id)}`);
