import type { Db } from "#lib/db.ts";

/**
 * Whether a provider is disabled; null when there is none. Its row is held, so that the answer stays true until the caller's
 * transaction ends: disabling, enabling and deleting wait for that. Renaming it and giving roles in it do not.
 */
export async function holdProvider(
  tx: Db,
  providerId: string,
): Promise<{ isDisabled: boolean } | null> {
  const [row] = await tx.$queryRaw<{ isDisabled: boolean }[]>`
    select disabled_at is not null as "isDisabled" from providers where id = ${providerId} for key share`;
  return row ?? null;
}
