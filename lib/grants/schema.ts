import { z } from "zod";

export const grantStates = ["pending", "approved", "rejected", "withdrawn"] as const;
export type GrantState = (typeof grantStates)[number];

const text = (max: number) =>
  z.string().trim().min(1, { error: "required" }).max(max, { error: "too_long" });

export const companyLengthMax = 100;
export const contactLengthMax = 200;
export const reasonLengthMax = 1_000;
export const noteLengthMax = 500;

/** An Admin applies for the error notification of a channel. */
export const ApplyForm = z.object({
  channelId: z.string(),
  company: text(companyLengthMax),
  contact: text(contactLengthMax),
  reason: text(reasonLengthMax),
});
export type ApplyForm = z.infer<typeof ApplyForm>;

/** An operator decides; the word of reason may be left out of an approval only. */
export const DecideForm = z
  .object({
    grantId: z.uuid(),
    decision: z.enum(["approved", "rejected", "withdrawn"]),
    note: z.string().trim().max(noteLengthMax, { error: "too_long" }).default(""),
  })
  .refine(({ decision, note }) => decision === "approved" || note !== "", {
    error: "required",
    path: ["note"],
  });
export type DecideForm = z.infer<typeof DecideForm>;

/** How a channel stands to the error notification, for its Notifications tab. */
export type Grant = {
  id: string;
  state: GrantState;
  company: string;
  contact: string;
  reason: string;
  appliedAt: Date;
  appliedBy: string | null;
  decidedAt: Date | null;
  decisionNote: string | null;
};

/** An application in the operators' queue. */
export type GrantEntry = Grant & {
  channelId: string;
  channelName: string;
  providerName: string;
  decidedBy: string | null;
};
