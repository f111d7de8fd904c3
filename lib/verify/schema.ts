import type { LikelyCause } from "#lib/causes/schema.ts";
import type { Doubt } from "#lib/delivered-answers/schema.ts";
import type { WireStep } from "#lib/transport/schema.ts";

/** What probably lies behind a failed step; null when it is ok or nothing is known. */
type Explained = { cause: LikelyCause | null };

/** One completed step of **Verify**. */
export type VerifyStep =
  | (Exclude<WireStep, { step: "http" }> & Explained)
  | (Extract<WireStep, { step: "http" }> &
      Explained & {
        /** Why an answer that is accepted was probably not the bot's. The step is ok all the same. */
        doubt: Doubt | null;
      });

/** Of what sample events there are: `message` events by the kind of message, the others by their own type. */
export const sampleEventTypes = [
  "text",
  "image",
  "video",
  "audio",
  "file",
  "location",
  "sticker",
  "follow",
  "unfollow",
  "join",
  "leave",
  "memberJoined",
  "memberLeft",
  "unsend",
  "postback",
  "videoPlayComplete",
  "beacon",
  "accountLink",
] as const;
export type SampleEventType = (typeof sampleEventTypes)[number];
