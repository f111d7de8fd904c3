import { findLivingSessions } from "#lib/accounts/sessions.ts";
import type { Db } from "#lib/db.ts";
import { can } from "#lib/members/permissions.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import type { LiveViewer } from "./hub.ts";

/**
 * Which viewers may still see errors of their channel, and by which role: the session lives and the role is still held.
 * Two questions for all of them, however many there are.
 */
export async function stillMay(
  db: Db,
  viewers: readonly LiveViewer[],
): Promise<ReadonlyMap<LiveViewer, ChannelRole>> {
  const [living, members] = await Promise.all([
    findLivingSessions(db, [...new Set(viewers.map((viewer) => viewer.sessionId))]),
    db.channelMember.findMany({
      select: { channelId: true, userId: true, role: true },
      where: {
        channelId: { in: [...new Set(viewers.map((viewer) => viewer.channelId))] },
        userId: { in: [...new Set(viewers.map((viewer) => viewer.userId))] },
      },
      take: viewers.length ** 2,
    }),
  ]);
  const roles = new Map(
    members
      .filter((member) => can(member.role, "see_errors"))
      .map((member) => [`${member.channelId} ${member.userId}`, member.role]),
  );
  return new Map(
    viewers.flatMap((viewer) => {
      const role = roles.get(`${viewer.channelId} ${viewer.userId}`);
      return role !== undefined && living.has(viewer.sessionId) ? [[viewer, role]] : [];
    }),
  );
}
