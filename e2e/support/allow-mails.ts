import { openDatabase } from "#lib/db.ts";
import { approveNotification } from "#testing/factories.ts";

/** For journeys that are not about it: operators approved the error notification, and the channel's address is confirmed. */
export async function allowMails(channelId: string): Promise<void> {
  const database = openDatabase(process.env.E2E_DATABASE_URL ?? "");
  try {
    await approveNotification(database.db, channelId);
    await database.db.channel.update({
      where: { id: channelId },
      data: { emailVerifiedAt: new Date() },
    });
  } finally {
    await database.close();
  }
}
