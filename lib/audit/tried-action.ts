import type { AuditAction } from "./actions.ts";

/** Where something is tried; the ids as they were sent, which may be of nothing. */
export type AskedPlace = { channelId?: string; providerId?: string };

type Fields = Readonly<Record<string, unknown>>;

/**
 * What an entrance of the product (an action, a route) tries, by the name under which the audit log tells of it when it
 * is done. `action` may hang on the fields; `placeId` says what a field of that name is the id of. `channelId` and
 * `providerId` say it themselves.
 */
export type TriedAction =
  | AuditAction
  | {
      action: AuditAction | ((fields: Fields) => AuditAction);
      placeId?: "channel" | "provider";
    };

/** What was tried, out of what was sent: looked at before, and whether or not, it was understood. */
export function readTried(
  tried: TriedAction,
  fields: Fields,
): { action: AuditAction; asked: AskedPlace } {
  if (typeof tried === "string") return { action: tried, asked: placeIn(fields) };
  const { action, placeId } = tried;
  return {
    action: typeof action === "string" ? action : action(fields),
    asked: placeId === undefined ? placeIn(fields) : placeIn({ [`${placeId}Id`]: fields.placeId }),
  };
}

function placeIn({ channelId, providerId }: Fields): AskedPlace {
  return {
    ...(typeof channelId === "string" ? { channelId } : {}),
    ...(typeof providerId === "string" ? { providerId } : {}),
  };
}
