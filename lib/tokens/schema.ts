import { z } from "zod";

export const CreatePlatformKeyForm = z.object({
  name: z.string().trim().min(1, { error: "required" }).max(60, { error: "too_long" }),
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
