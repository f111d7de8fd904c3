import { hasFewRoles } from "#lib/channels/few-roles.ts";
import { parseChannelSearch } from "#lib/channels/list-search.ts";
import { listMarked } from "#lib/channels/marks.ts";
import type { ChannelEntry, SearchAnswer } from "#lib/channels/schema.ts";
import { searchChannels } from "#lib/channels/search.ts";
import { findProviderNames } from "#lib/providers/queries.ts";
import { database } from "#lib/web/database.ts";
import { readOrRefuse } from "#lib/web/reading.ts";
import { userRoute } from "#lib/web/respond.ts";

type Context = { params: Promise<Record<string, never>> };

const channelsMax = 12;
const providersMax = 5;

/** `?q=` over the person's channels and providers, as JSON; without it, what they pinned and opened last. */
export const GET = userRoute<Context>(null, async (request, user) => {
  const q = new URL(request.url).searchParams.get("q") ?? undefined;
  const search = parseChannelSearch({ q });
  const answer =
    search.q === ""
      ? await readMarked(user.id)
      : await readOrRefuse(user.id, async (db): Promise<SearchAnswer> => {
          const isFew = await hasFewRoles(db, user.id);
          const found = await searchChannels(db, user.id, search.q, { limit: channelsMax, isFew });
          const providers = await findProviderNames(db, user, {
            q: search.q,
            size: providersMax,
            isFew,
          });
          return {
            channels: found.entries.map(toLine),
            providers,
            isCut: found.isCut,
          };
        });
  return Response.json(answer, { headers: { "cache-control": "no-store" } });
});

async function readMarked(userId: string): Promise<SearchAnswer> {
  const { pinned, recent } = await listMarked(database().db, userId, { recentMax: channelsMax });
  const channels = [...pinned, ...recent].slice(0, channelsMax).map(toLine);
  return { channels, providers: [], isCut: false };
}

const toLine = ({ id, name, providerName, health }: ChannelEntry) => ({
  id,
  name,
  providerName,
  state: health?.state ?? null,
});
