import { z } from "zod";
import { cleanLine } from "#lib/clean-line.ts";

export const CreatePlatformKeyForm = z.object({
  name: z
    .string()
    .overwrite(cleanLine)
    .min(1, { error: "required" })
    .max(60, { error: "too_long" }),
});

/** A platform key in the operators' list; the key itself is not kept. */
export type PlatformKey = {
  id: string;
  name: string;
  /** First characters, to tell keys apart. */
  hint: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

export const RevokePlatformKeyForm = z.object({ id: z.uuid() });

/** How long the token before stays in force beside a new one; at most a day, as on the LINE Platform (docs/platform.md#tokens). */
export const keepHoursChoices = [24, 12, 6, 1, 0] as const;

/** Without a choice the one before is kept the longest: of two first issues at once neither ends the other. */
export const IssueChannelTokenForm = z.object({
  channelId: z.string(),
  keepHours: z.coerce.number().pipe(z.literal(keepHoursChoices)).default(keepHoursChoices[0]),
});

/** A channel access token in force, for its channel's Admins; the token itself is not kept. */
export type ChannelToken = {
  id: string;
  /** First characters, to tell tokens apart. */
  hint: string;
  createdAt: Date;
  /** Null for the current one; else when this one, which was replaced, ends. */
  endsAt: Date | null;
  lastUsedAt: Date | null;
};
