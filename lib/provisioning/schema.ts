import { z } from "zod";
import { Email } from "#lib/accounts/schema.ts";
import { ChannelBasicsForm, CreateChannelForm } from "#lib/channels/schema.ts";
import { perSwitch, type SwitchStates } from "#lib/channels/switches.ts";
import { channelRoles, providerRoles } from "#lib/members/schema.ts";
import { CreateProviderForm } from "#lib/providers/schema.ts";

// What the platform API takes to provision. Unknown properties are refused, so that a typing error does not pass for a change.

export const NewProvider = CreateProviderForm.strict();
export const ProviderPatch = z.strictObject({
  name: CreateProviderForm.shape.name,
  version: z.int().min(1).optional(),
});

const basics = ChannelBasicsForm.shape;
/** In JSON "none" is null, in a form an empty field. */
const orNull = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === null ? "" : value), type);
const WebhookUrl = z
  .string()
  .trim()
  .min(1, { error: "required" })
  .max(2_000, { error: "too_long" });

export const NewChannel = CreateChannelForm.extend({
  privacyPolicyUrl: orNull(basics.privacyPolicyUrl).optional(),
  termsOfUseUrl: orNull(basics.termsOfUseUrl).optional(),
}).strict();

export const ChannelPatch = z.strictObject({
  version: z.int().min(1).optional(),
  name: basics.name.optional(),
  description: basics.description.optional(),
  email: basics.email.optional(),
  privacyPolicyUrl: orNull(basics.privacyPolicyUrl).optional(),
  termsOfUseUrl: orNull(basics.termsOfUseUrl).optional(),
  webhookUrl: WebhookUrl.optional(),
  ...perSwitch(() => z.boolean().optional()),
});
export type ChannelPatch = z.infer<typeof ChannelPatch>;

export const NewChannelMember = z.strictObject({ email: Email, role: z.enum(channelRoles) });
export const NewProviderMember = z.strictObject({ email: Email, role: z.enum(providerRoles) });
export const ChannelRolePatch = z.strictObject({ role: z.enum(channelRoles) });
export const ProviderRolePatch = z.strictObject({ role: z.enum(providerRoles) });

export const ListQuery = z.object({
  providerId: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(64).optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

/** A provider and a channel as the platform API shows them. The channel secret is its Admins' alone. */
export type ProvisionedProvider = {
  providerId: string;
  name: string;
  disabledAt: Date | null;
  version: number;
  createdAt: Date;
};
export type ProvisionedChannel = {
  channelId: string;
  providerId: string;
  name: string;
  description: string;
  email: string;
  botUserId: string;
  privacyPolicyUrl: string | null;
  termsOfUseUrl: string | null;
  webhookUrl: string | null;
  disabledAt: Date | null;
  version: number;
  createdAt: Date;
} & SwitchStates;
