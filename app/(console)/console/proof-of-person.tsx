import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { ConfirmPerson } from "#components/accounts/confirm-person.tsx";
import { provenMinutes } from "#lib/accounts/session-proof.ts";
import { findProofForSecrets } from "./find-proof.ts";
import { confirmPerson } from "./profile/security/actions.ts";

/** What stands in for the controls that show a secret until the person has shown who they are; null once they have. */
export async function proofOfPerson(userId: string, page: string): Promise<ReactNode> {
  const missing = await findProofForSecrets(userId, page);
  if (missing === null) return null;
  const t = await getTranslations("accounts.proof");
  return (
    <ConfirmPerson
      missing={missing}
      text={t("text", { minutes: provenMinutes })}
      action={confirmPerson}
    />
  );
}
