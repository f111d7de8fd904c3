import { z } from "zod";
import { type AlertKind, alertKinds } from "#lib/notifications/alert-kinds.ts";

export const targetNameLengthMax = 60;

export const AddTargetForm = z.object({
  channelId: z.string(),
  kind: z.enum(alertKinds),
  name: z
    .string()
    .trim()
    .min(1, { error: "required" })
    .max(targetNameLengthMax, { error: "too_long" }),
  url: z.string().trim().min(1, { error: "required" }).max(2_000, { error: "too_long" }),
});
export type AddTargetForm = z.infer<typeof AddTargetForm>;

/** For what needs to know no more than which target. */
export const TargetForm = z.object({ channelId: z.string(), targetId: z.uuid() });

/** An alert target as the Notifications tab lists it; URL and secret are never part of it. */
export type TargetEntry = {
  id: string;
  kind: AlertKind;
  name: string;
  host: string;
  lastSentAt: Date | null;
  lastFailedAt: Date | null;
  lastError: string | null;
  waitingCount: number;
};
