import { z } from "zod";

/** What a form came to. */
export const SubmissionResult = z.object({
  message: z.string().nullable(),
  /** A path of the console that it led to. */
  location: z.string().nullable(),
  /** It answered with something that is shown once, such as a key: that cannot be told again. */
  isShownOnce: z.boolean(),
});
export type SubmissionResult = z.infer<typeof SubmissionResult>;
