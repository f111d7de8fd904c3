"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { createPlatformKey, revokePlatformKey } from "#lib/tokens/platform-keys.ts";
import { CreatePlatformKeyForm, RevokePlatformKeyForm } from "#lib/tokens/schema.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";
import { requireProvenPerson } from "#lib/web/proven-person.ts";

export const create = userAction(
  "platform_key_created",
  CreatePlatformKeyForm,
  async ({ input }) => {
    const operator = await requireOperator();
    await requireProvenPerson(operator);
    const { key } = await createPlatformKey(database().db, operator, input);
    refresh();
    return { data: key };
  },
);

export const revoke = userAction(
  "platform_key_revoked",
  RevokePlatformKeyForm,
  async ({ input }) => {
    const operator = await requireOperator();
    const { name } = await revokePlatformKey(database().db, operator, input.id);
    refresh();
    return { message: (await getTranslations("operations.keys"))("revokedDone", { name }) };
  },
);
