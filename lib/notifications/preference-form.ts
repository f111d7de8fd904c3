import { z } from "zod";
import { knownTypes, type NotificationType, notificationTypes } from "./schema.ts";

type WishableType = {
  [Type in NotificationType]: (typeof notificationTypes)[Type]["canBeMuted"] extends true
    ? Type
    : never;
}[NotificationType];

/** The types that an address can do without. */
export const wishableTypes = knownTypes.filter(
  (type): type is WishableType => notificationTypes[type].canBeMuted,
);

const Types = z
  .union([z.enum(wishableTypes).transform((one) => [one]), z.array(z.enum(wishableTypes))])
  .default([]);
const ticked = z
  .literal("on")
  .optional()
  .transform((value) => value === "on");

/** Ticked boxes: the types wanted, the weekly digest, and that nobody may be left for stopped redeliveries. */
export const PreferenceForm = z.object({
  channelId: z.string(),
  whose: z.enum(["own", "channel"]),
  types: Types,
  weekly: ticked,
  confirmed: ticked,
});
export type PreferenceForm = z.infer<typeof PreferenceForm>;

/** One line of the recipients on the Notifications tab. */
export type RecipientEntry = {
  address: string;
  /** Whose it is: the channel's own, the reader's, or another Admin's (`name`). */
  whose: "channel" | "own" | "other";
  name: string | null;
  isVerified: boolean;
  /** The mail server's words; null: it is not stopped. */
  stoppedBecause: string | null;
  isUnsubscribed: boolean;
  mutedTypes: readonly NotificationType[];
  weekly: boolean;
};
