import { z } from "zod";

export const providerNameLengthMax = 60;

const ProviderName = z
  .string()
  .trim()
  .min(1, { error: "required" })
  .max(providerNameLengthMax, { error: "too_long" });

export const CreateProviderForm = z.object({ name: ProviderName });
export const RenameProviderForm = z.object({
  providerId: z.string(),
  version: z.coerce.number().int().min(1),
  name: ProviderName,
});

export type Provider = { id: string; name: string; version: number; createdAt: Date };

/** A provider in a list; counts what the person may see. */
export type ProviderEntry = { id: string; name: string; channelCount: number };

export const DeleteProviderForm = z.object({ providerId: z.string(), confirmation: z.string() });
