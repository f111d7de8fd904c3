import type { FastifyInstance } from "fastify";
import { createChannel, editBasics } from "#lib/channels/commands.ts";
import { patchChannel } from "#lib/provisioning/patch-channel.ts";
import { getChannel, getProvider, listProvisionedChannels } from "#lib/provisioning/queries.ts";
import { ChannelPatch, ListQuery, NewChannel } from "#lib/provisioning/schema.ts";
import type { ProvisioningOptions } from "./provisioning-options.ts";
import { parseJson, readAs } from "./read-body.ts";

type Params = { Params: { channelId: string }; Body: Buffer };

/** Channels, for the platform's own services. Nothing here shows a channel secret. */
export function addChannelRoutes(app: FastifyInstance, options: ProvisioningOptions): void {
  const { database, encryptionKey, policy, actorOf } = options;
  const { db } = database;

  app.post<Params>("/v1/channels", async (request, reply) => {
    const form = readAs(NewChannel, parseJson(request.body));
    const { privacyPolicyUrl = null, termsOfUseUrl = null, ...rest } = form;
    await getProvider(db, rest.providerId);
    const { channelId } = await createChannel(db, encryptionKey, actorOf(request), rest);
    if (privacyPolicyUrl !== null || termsOfUseUrl !== null) {
      await editBasics(db, actorOf(request), { channelId, privacyPolicyUrl, termsOfUseUrl });
    }
    return reply.code(201).send(await getChannel(db, channelId));
  });

  app.get("/v1/channels", (request) =>
    listProvisionedChannels(db, readAs(ListQuery, request.query)),
  );

  app.get<Params>("/v1/channels/:channelId", (request) => getChannel(db, request.params.channelId));

  app.patch<Params>("/v1/channels/:channelId", async (request) => {
    const patch = readAs(ChannelPatch, parseJson(request.body));
    const { channelId } = await getChannel(db, request.params.channelId);
    await patchChannel({ db, policy }, actorOf(request), channelId, patch);
    return getChannel(db, channelId);
  });
}
