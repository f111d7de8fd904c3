import { z } from "zod";
import { type AlertKind, alertKindFacts, alertKinds } from "#lib/notifications/alert-kinds.ts";
import type { NotificationType } from "#lib/notifications/schema.ts";

export const targetNameLengthMax = 60;

/** `token` and `recipient` are empty where the kind has none; `url` is the kind's own address where none is given. */
export const AddTargetForm = z
  .object({
    channelId: z.string(),
    kind: z.enum(alertKinds),
    name: z
      .string()
      .trim()
      .min(1, { error: "required" })
      .max(targetNameLengthMax, { error: "too_long" }),
    url: z.string().trim().max(2_000, { error: "too_long" }).default(""),
    token: z.string().trim().default(""),
    recipient: z.string().trim().default(""),
  })
  .transform((form) => {
    const { address, token, recipient } = alertKindFacts[form.kind];
    return {
      ...form,
      url: form.url === "" ? (address ?? "") : form.url,
      token: token === null ? "" : form.token,
      recipient: recipient === null ? "" : form.recipient,
    };
  })
  .superRefine((form, context) => {
    const facts = alertKindFacts[form.kind];
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    if (form.url === "") refuse("url", "required");
    for (const field of ["token", "recipient"] as const) {
      const form_ = facts[field];
      if (form_ === null) continue;
      if (form[field] === "") refuse(field, "required");
      else if (!form_.test(form[field])) refuse(field, `${form.kind}_${field}`);
    }
  });
export type AddTargetForm = z.infer<typeof AddTargetForm>;

/** For what needs to know no more than which target. */
export const TargetForm = z.object({ channelId: z.string(), targetId: z.uuid() });

/** One alert as its target's history shows it. */
export type SentAlert = {
  id: string;
  /** Null: of a type that this version does not know. */
  type: NotificationType | null;
  /** It says nothing but that an incident is over. */
  isResolve: boolean;
  state: "queued" | "sending" | "sent" | "failed";
  createdAt: Date;
  triedAt: Date | null;
  attempts: number;
  /** Of the last answer, with its beginning; null: none came. */
  statusCode: number | null;
  answer: string | null;
  lastError: string | null;
};

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
  /** The newest ten, newest first. */
  alerts: readonly SentAlert[];
};
