import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { addMember, changeRole, removeMembers } from "#lib/members/commands.ts";
import { listMembers } from "#lib/members/queries.ts";
import type { Place } from "#lib/place.ts";
import { getChannel, getProvider } from "#lib/provisioning/queries.ts";
import {
  ChannelRolePatch,
  NewChannelMember,
  NewProviderMember,
  ProviderRolePatch,
} from "#lib/provisioning/schema.ts";
import type { ProvisioningOptions } from "./provisioning-options.ts";
import { parseJson, readAs } from "./read-body.ts";

type Params = { Params: { id: string; userId: string }; Body: Buffer };

const UserId = z.object({ userId: z.uuid() });

/** Roles of people who have an account, for the platform's own services. The last Admin stays, as in the console. */
export function addMemberRoutes(app: FastifyInstance, options: ProvisioningOptions): void {
  const { db } = options.database;
  const kinds = [
    {
      path: "/v1/channels/:id/members",
      kind: "channel",
      add: NewChannelMember,
      patch: ChannelRolePatch,
    },
    {
      path: "/v1/providers/:id/members",
      kind: "provider",
      add: NewProviderMember,
      patch: ProviderRolePatch,
    },
  ] as const;
  for (const { path, kind, add, patch } of kinds) {
    const placeOf = async (id: string): Promise<Place> => {
      await (kind === "channel" ? getChannel(db, id) : getProvider(db, id));
      return { kind, id };
    };

    app.get<Params>(path, async (request) => ({
      members: await listMembers(db, await placeOf(request.params.id)),
    }));

    app.post<Params>(path, async (request, reply) => {
      const form = readAs(add, parseJson(request.body));
      const place = await placeOf(request.params.id);
      await addMember(db, options.actorOf(request), place, form);
      return reply.code(201).send({ members: await listMembers(db, place) });
    });

    app.patch<Params>(`${path}/:userId`, async (request) => {
      const { role } = readAs(patch, parseJson(request.body));
      const { userId } = readAs(UserId, request.params);
      const place = await placeOf(request.params.id);
      await changeRole(db, options.actorOf(request), place, { userId, role });
      return { members: await listMembers(db, place) };
    });

    app.delete<Params>(`${path}/:userId`, async (request, reply) => {
      const { userId } = readAs(UserId, request.params);
      const place = await placeOf(request.params.id);
      await removeMembers(db, options.actorOf(request), place, [userId]);
      return reply.code(204).send();
    });
  }
}
