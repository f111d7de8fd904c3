import { z } from "zod";
import { cleanLine } from "#lib/clean-line.ts";

export const providerNameLengthMax = 60;

const ProviderName = z
  .string()
  .overwrite(cleanLine)
  .min(1, { error: "required" })
  .max(providerNameLengthMax, { error: "too_long" });

export const CreateProviderForm = z.object({ name: ProviderName });
export const RenameProviderForm = z.object({
  providerId: z.string(),
  version: z.coerce.number().int().min(1),
  name: ProviderName,
});

export type Provider = {
  id: string;
  name: string;
  version: number;
  /** Since when an operator has it out of service. */
  disabledAt: Date | null;
  createdAt: Date;
};

/** What a provider holds, counted for who is about to delete it; `invitations`: those without an answer. */
export type ProviderContents = { channels: number; members: number; invitations: number };

/** A provider in a list; `channelCount` is of what the person may see, counted as lib/counted-max.ts says. */
export type ProviderEntry = { id: string; name: string; channelCount: number };

/** A part of a list of providers. `next`: after which of them the following part begins; null on the last. */
export type ProviderPage = { entries: ProviderEntry[]; next: string | null };

export const DeleteProviderForm = z.object({ providerId: z.string(), confirmation: z.string() });
