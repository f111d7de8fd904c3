import type { Db } from "#lib/db.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { type EndedAccess, type KeptAccess, signInProviderIds } from "./schema.ts";
import { needsCode } from "./second-factor-state.ts";
import { listGiven } from "./ways-given.ts";

/**
 * Ends what was begun in a person's account and would become a way in or take one away: a change of the address, a second
 * factor that waits for its first code, sign-ins and links to providers under way, links of mails. In a transaction that
 * holds the person (`lockPerson`). Returns what there was, for the owner to be told.
 */
export async function endBegun(tx: Db, userId: string): Promise<EndedAccess[]> {
  const where = { userId };
  const change = await tx.emailChange.findUnique({ where, select: { newEmail: true } });
  await tx.emailChange.deleteMany({ where });
  const offers = await tx.secondFactor.deleteMany({ where: { ...where, confirmedAt: null } });
  const begun = await tx.accountToken.findMany({
    where: { ...where, expiresAt: { gt: await databaseTime(tx) } },
    select: { purpose: true },
  });
  await tx.accountToken.deleteMany({ where });
  const has = (purpose: (typeof begun)[number]["purpose"]) =>
    begun.some((token) => token.purpose === purpose);
  return [
    ...(change === null ? [] : [{ what: "email_change" as const, detail: change.newEmail }]),
    ...(offers.count > 0 ? [{ what: "second_factor_offer" as const, detail: null }] : []),
    ...(has("second_factor") ? [{ what: "sign_in_begun" as const, detail: null }] : []),
    ...(has("link_provider") ? [{ what: "link_begun" as const, detail: null }] : []),
  ];
}

/**
 * Takes away the ways to sign in that were linked on the strength of an open session alone: the password was neither typed
 * for them nor since (`external_accounts.proved_at`). For who has forgotten the password, or had it taken.
 */
export async function unlinkUnproved(tx: Db, userId: string): Promise<EndedAccess[]> {
  const rows = await tx.$queryRaw<{ provider: string }[]>`
    delete from external_accounts where user_id = ${userId}::uuid and proved_at is null
    returning provider`;
  return rows.flatMap(({ provider }) => {
    const known = signInProviderIds.find((id) => id === provider);
    return known === undefined ? [] : [{ what: "provider" as const, detail: known }];
  });
}

/** What beside the password still leads into the account, stands before it, or leads elsewhere from it: for its owner to look through. */
export async function listKept(tx: Db, userId: string): Promise<KeptAccess[]> {
  const links = await tx.externalAccount.findMany({
    where: { userId },
    orderBy: { createdAt: "asc" },
    select: { provider: true },
  });
  const providers = links.flatMap(({ provider }) => {
    const known = signInProviderIds.find((id) => id === provider);
    return known === undefined ? [] : [{ what: "provider" as const, detail: known }];
  });
  const factor = (await needsCode(tx, userId)) ? [{ what: "second_factor" as const }] : [];
  return [...providers, ...factor, ...(await listGiven(tx, userId))];
}
