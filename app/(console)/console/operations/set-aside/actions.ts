"use server";

import { refresh } from "next/cache";
import { getTranslations } from "next-intl/server";
import { decideSetAside } from "#lib/queue/decide-set-aside.ts";
import { SetAsideForm } from "#lib/queue/set-aside-form.ts";
import { requireOperator } from "#lib/web/access.ts";
import { userAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

export const release = userAction("set_aside_released", SetAsideForm, async ({ input }) => {
  const operator = await requireOperator();
  await decideSetAside(database().db, operator, input.id, "release");
  refresh();
  return { message: (await getTranslations("operations.setAside"))("released") };
});

export const end = userAction("set_aside_ended", SetAsideForm, async ({ input }) => {
  const operator = await requireOperator();
  await decideSetAside(database().db, operator, input.id, "end");
  refresh();
  return { message: (await getTranslations("operations.setAside"))("ended") };
});
