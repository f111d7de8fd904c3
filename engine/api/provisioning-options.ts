import type { FastifyRequest } from "fastify";
import type { Actor } from "#lib/audit/actor.ts";
import type { Database } from "#lib/db.ts";
import type { TargetPolicy } from "#lib/targets/policy.ts";

/** What the routes that provision need. */
export type ProvisioningOptions = {
  database: Database;
  encryptionKey: Buffer;
  policy: TargetPolicy;
  actorOf: (request: FastifyRequest) => Actor;
};
