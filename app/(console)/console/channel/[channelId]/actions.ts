"use server";

import { refresh } from "next/cache";
import { setPinned } from "#lib/channels/marks.ts";
import { PinForm } from "#lib/channels/schema.ts";
import { requireChannel } from "#lib/web/access.ts";
import { visitorAction } from "#lib/web/action.ts";
import { database } from "#lib/web/database.ts";

/** Somebody's own side bar: nothing that the audit log tells of. */
export const pin = visitorAction(PinForm, async ({ channelId, pinned }) => {
  const { user, channel } = await requireChannel(channelId, "see_basics");
  await setPinned(database().db, user.id, channel.id, pinned);
  refresh();
  return undefined;
});
