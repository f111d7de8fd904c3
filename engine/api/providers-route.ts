import type { FastifyInstance } from "fastify";
import { createProvider, renameProvider } from "#lib/providers/commands.ts";
import { getProvider, listProvisionedProviders } from "#lib/provisioning/queries.ts";
import { ListQuery, NewProvider, ProviderPatch } from "#lib/provisioning/schema.ts";
import type { ProvisioningOptions } from "./provisioning-options.ts";
import { parseJson, readAs } from "./read-body.ts";

type Params = { Params: { providerId: string }; Body: Buffer };

/** Providers, for the platform's own services. */
export function addProviderRoutes(
  app: FastifyInstance,
  { database: { db }, actorOf }: ProvisioningOptions,
): void {
  app.post<Params>("/v1/providers", async (request, reply) => {
    const form = readAs(NewProvider, parseJson(request.body));
    const { providerId } = await createProvider(db, actorOf(request), form);
    return reply.code(201).send(await getProvider(db, providerId));
  });

  app.get("/v1/providers", (request) =>
    listProvisionedProviders(db, readAs(ListQuery, request.query)),
  );

  app.get<Params>("/v1/providers/:providerId", (request) =>
    getProvider(db, request.params.providerId),
  );

  app.patch<Params>("/v1/providers/:providerId", async (request) => {
    const { name, version } = readAs(ProviderPatch, parseJson(request.body));
    const { providerId } = await getProvider(db, request.params.providerId);
    const patch = version === undefined ? { name } : { name, version };
    await renameProvider(db, actorOf(request), providerId, patch);
    return getProvider(db, providerId);
  });
}
