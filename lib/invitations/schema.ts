import { z } from "zod";
import { Email } from "#lib/accounts/schema.ts";
import { type ChannelRole, channelRoles } from "#lib/members/schema.ts";
import type { NamedPlace, Place } from "#lib/place.ts";

export const invitationLifeDays = 7;

/** The forms of a Roles tab; `placeId` is the channel or provider. */
export const InviteForm = z.object({
  placeId: z.string(),
  email: Email,
  role: z.enum(channelRoles),
});
export const InvitationForm = z.object({ placeId: z.string(), invitationId: z.uuid() });

/** For operators: an account without a role. */
export const ConsoleInvitationForm = z.object({ invitationId: z.uuid() });

/** A line of the list of those who have not answered yet. */
export type PendingInvitation = {
  id: string;
  email: string;
  role: ChannelRole | null;
  /** Null: their account is gone, or what it had sent has ended (lib/accounts/ways-given.ts). */
  inviterName: string | null;
  /** They may invite there to this day; else it is of no use until somebody who may sends it again. */
  isInviterInCharge: boolean;
  sentAt: Date;
  expiresAt: Date;
  isExpired: boolean;
};

/** What the page behind the link shows. */
export type InvitationOffer = {
  /** Why it is of no use any more, or open; `ended`: whoever sent it may invite nobody there any more. */
  state: "open" | "accepted" | "expired" | "ended";
  email: string;
  /** Null: to the console alone. */
  place: NamedPlace | null;
  role: ChannelRole | null;
  inviterName: string | null;
  /** The invited address has an account: sign in, rather than make one. */
  hasAccount: boolean;
  /** Whether it makes one for an address that has none. */
  makesAccount: boolean;
};

/** Where a role that was accepted leads. */
export function placePath(place: Place | null): string {
  if (place === null) return "/console";
  return place.kind === "channel"
    ? `/console/channel/${place.id}/basics`
    : `/console/provider/${place.id}/channels`;
}
