import { z } from "zod";
import { type Threshold, thresholdKinds, thresholdMax } from "./threshold.ts";

/** `every`: no threshold. */
const thresholdChoices = ["every", ...thresholdKinds] as const;

const typed = z.string().trim().default("");

/** A choice with a field of its own for each kind, of which only the chosen one's counts. */
export const ThresholdForm = z
  .object({
    channelId: z.string(),
    kind: z.enum(thresholdChoices),
    count: typed,
    rate: typed,
    share: typed,
  })
  .transform((form, context): { channelId: string; threshold: Threshold | null } => {
    const { channelId, kind } = form;
    if (kind === "every") return { channelId, threshold: null };
    const text = form[kind];
    const value = /^\d+$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= thresholdMax[kind]) return { channelId, threshold: { kind, value } };
    context.addIssue({
      ...{ code: "too_big", origin: "number", inclusive: true, input: text, path: [kind] },
      maximum: thresholdMax[kind],
      message: text === "" ? "required" : "whole_number",
    });
    return z.NEVER;
  });
export type ThresholdForm = z.infer<typeof ThresholdForm>;
