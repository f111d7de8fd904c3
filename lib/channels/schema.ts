import { z } from "zod";
import { Email } from "#lib/accounts/schema.ts";
import type { CauseWords } from "#lib/causes/schema.ts";
import { cleanLine } from "#lib/clean-line.ts";
import type { MailBarrier, MailStanding } from "#lib/notifications/standing.ts";
import type { ErrorClass, ErrorReason } from "#lib/transport/error-class.ts";
import { sampleEventTypes, type VerifyStep } from "#lib/verify/schema.ts";
import { diagnosedBodyLengthMax, type SignatureReading } from "#lib/webhooks/schema.ts";
import { namesLine } from "./names-line.ts";
import { type ChannelSwitch, type SwitchStates, switchNames } from "./switches.ts";

export const channelNameLengthMax = 20;
export const channelDescriptionLengthMax = 500;
export const pageUrlLengthMax = 500;
/** Of an uploaded icon; below what a server action takes at all (next.config.ts). */
export const iconBytesMax = 900 * 1024;

const ChannelName = z
  .string()
  .overwrite(cleanLine)
  .min(1, { error: "required" })
  .max(channelNameLengthMax, { error: "too_long" })
  .refine((name) => !namesLine(name), { error: "contains_line" });

const ChannelDescription = z
  .string()
  .trim()
  .min(1, { error: "required" })
  .max(channelDescriptionLengthMax, { error: "too_long" });

/** Optional: an empty field means none. */
const PageUrl = z
  .string()
  .trim()
  .max(pageUrlLengthMax, { error: "too_long" })
  .refine((text) => text === "" || isHttpsUrl(text), { error: "https_url" })
  .transform((text) => (text === "" ? null : text));

export const CreateChannelForm = z.object({
  providerId: z.string(),
  name: ChannelName,
  description: ChannelDescription,
  email: Email,
});
export type CreateChannelForm = z.infer<typeof CreateChannelForm>;

/** Of what a form was filled from: whoever saves an older one is told instead of undoing somebody else's work. */
const SeenVersion = z.coerce.number().int().min(1);

export const ChannelBasicsForm = z.object({
  channelId: z.string(),
  version: SeenVersion,
  name: ChannelName,
  description: ChannelDescription,
  email: Email,
  privacyPolicyUrl: PageUrl,
  termsOfUseUrl: PageUrl,
});
export type ChannelBasicsForm = z.infer<typeof ChannelBasicsForm>;

export const IconForm = z.object({
  channelId: z.string(),
  icon: z.instanceof(File).refine((file) => file.size > 0, { error: "required" }),
});

/** For actions that need to know no more than which channel. */
export const ChannelForm = z.object({ channelId: z.string() });
/** The running overlap of two secrets as the person saw it: when it would switch. Empty for none. */
const SeenOverlap = z
  .string()
  .refine((text) => text === "" || !Number.isNaN(Date.parse(text)), { error: "invalid" })
  .transform((text) => (text === "" ? null : new Date(text)));

export const IssueSecretForm = ChannelForm.extend({
  when: z.enum(["overlap", "at_once"]),
  seenOverlap: SeenOverlap,
});

/** Ends a running overlap, one way or the other. */
export const EndOverlapForm = ChannelForm.extend({
  seenOverlap: SeenOverlap.refine((from) => from !== null, { error: "invalid" }),
});

export const DeleteChannelForm = ChannelForm.extend({ confirmation: z.string() });

/** What a Webhook URL may be is the target policy's to say; here only that there is one. */
export const WebhookUrlForm = ChannelForm.extend({
  webhookUrl: z.string().trim().min(1, { error: "required" }).max(2_000, { error: "too_long" }),
  /** The one that stood there when the form was filled; empty for none. */
  seenUrl: z
    .string()
    .max(2_000)
    .transform((text) => (text === "" ? null : text)),
});

/** A check, or a sample event in its place. */
export const VerifyForm = ChannelForm.extend({
  sample: z.enum(sampleEventTypes).nullish().default(null),
});

/** What a bot's developer asks about: the body as it was read, and the header or what the bot's code made of it. */
export const CheckSignatureForm = ChannelForm.extend({
  body: z.string().max(diagnosedBodyLengthMax, { error: "too_long" }),
  signature: z.string().trim().min(1, { error: "required" }).max(500, { error: "too_long" }),
});

export const SwitchForm = z.object({
  channelId: z.string(),
  name: z.enum(switchNames),
  on: z.enum(["true", "false"]).transform((value) => value === "true"),
  /** It was read what turning it off cancels: `true` if it is meant all the same, `no` if it stays on. */
  meant: z.enum(["true", "no"]).optional(),
});
export type SwitchForm = z.infer<typeof SwitchForm>;

/** What is known of a signature: `reading` is null when no usual mistake leads to it. */
export type CheckedSignature = { isRight: boolean; reading: SignatureReading | null };

/** What the switch's form is answered when it asks first; absent: it was turned. */
export type SwitchAnswer = { wouldCancel: number } | undefined;

/** A channel as its own pages know it. The secret is never part of it. */
export type Channel = {
  id: string;
  providerId: string;
  providerName: string;
  name: string;
  description: string;
  email: string;
  /** Mails go to the address only once it is confirmed. */
  isEmailVerified: boolean;
  botUserId: string;
  privacyPolicyUrl: string | null;
  termsOfUseUrl: string | null;
  webhookUrl: string | null;
  /** Of its icon; null without one. */
  iconHash: string | null;
  version: number;
  /** What is still to be set up is shown, unless it is done. */
  showsSetUp: boolean;
  disabledAt: Date | null;
  createdAt: Date;
} & SwitchStates;

/** What a new channel needs until its events arrive and somebody is told when they do not, in the order in which it is done. */
export const setUpSteps = ["url", "verify", ...switchNames, "firstEvent", "told"] as const;
export type SetUpStep = (typeof setUpSteps)[number];
/** `state`: `done`, or what is in its way, as the texts under `setUp` in `channels.json` name it. */
export type SetUpLine =
  | { step: "url" | ChannelSwitch; state: "done" | "todo" }
  | { step: "verify"; state: "done" | "todo" | "noUrl" }
  | { step: "firstEvent"; state: "done" | "todo" | "off" | "failing" }
  | { step: "told"; state: "done" | "unconfirmed" | MailBarrier["why"] };

/** How deliveries of a channel stand now. */
/** See docs/delivery.md#what-a-channels-state-means. */
export type ChannelState =
  | "no_events"
  | "healthy"
  | "some_errors"
  | "failing"
  | "suspended"
  | "webhook_off";
/** `errorCount` is of the last 24 h. */
/** `failingSince` is set while the state is `failing`. */
export type ChannelHealth = {
  state: ChannelState;
  failingSince: Date | null;
  errorCount: number;
};

/** A channel in a list: `health` is null for those who may not see errors. */
export type ChannelEntry = {
  id: string;
  name: string;
  providerId: string;
  providerName: string;
  iconHash: string | null;
  role: "admin" | "member" | "tester" | null;
  health: ChannelHealth | null;
};

/** A part of a list of channels. `next`: after which of them the following part begins; null on the last. */
export type ChannelPage = { entries: ChannelEntry[]; next: string | null };

/** What a search came to, best first; `isCut`: more match than are told. */
export type FoundChannels = { entries: ChannelEntry[]; isCut: boolean };

/** What the search over channels and providers answers; `isCut`: more channels match than are told. */
export type SearchAnswer = {
  channels: { id: string; name: string; providerName: string; state: ChannelState | null }[];
  providers: { id: string; name: string }[];
  isCut: boolean;
};

/** What the side bar leads to: everything, where that is little; else what somebody is likely to look for. */
export type SideChannels =
  | { kind: "all"; pinned: ChannelEntry[]; others: ChannelEntry[] }
  | {
      kind: "some";
      failing: ChannelEntry[];
      hasMoreFailing: boolean;
      pinned: ChannelEntry[];
      recent: ChannelEntry[];
    };

export const PinForm = z.object({
  channelId: z.string(),
  pinned: z.enum(["true", "false"]).transform((value) => value === "true"),
});

/** A channel shown as failing, what of, and what is being done about it. Of an outage that began at `since`. */
export type FailingChannel = {
  entry: ChannelEntry;
  state: "failing" | "suspended";
  since: Date;
  lastFailureAt: Date;
  /** Null where something was delivered in between: what failed before is not known any more. */
  failedCount: number | null;
  /** Of the last failed attempt. */
  reason: ErrorReason;
  detail: string;
  /** Webhooks that failed in the outage; null where errors are not counted. */
  webhookCount: number | null;
  /** Errors of each of the last 24 clock hours, the current one last. */
  hourly: readonly number[];
  /** Webhooks that wait for a redelivery, counted as lib/counted-max.ts says; null: Webhook redelivery is off. */
  waitingCount: number | null;
  /** What became of its error mails. */
  standing: MailStanding;
};

function isHttpsUrl(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === "https:";
}

/** What a channel holds, counted for who is about to delete it; `waiting` and `logged` no further than 10,001. */
export type ChannelContents = { members: number; waiting: number; logged: number; errors: number };

/** A step of **Verify** with its cause in the words of the person who asked. */
export type ShownStep = VerifyStep & { words: CauseWords | null };

/** What came of pressing Verify. `url` is the one that was checked: the setting may have changed since. */
export type CheckedUrl = {
  url: string;
  outcome: { state: "success"; statusCode: number } | { state: "failed"; error: ErrorClass };
  totalMs: number;
  steps: readonly ShownStep[];
};

/** A line of the answer while Verify runs: each step as it completes, then the whole or why there is none. */
export type VerifyLine =
  | { kind: "step"; step: ShownStep }
  | { kind: "end"; checked: CheckedUrl }
  | { kind: "defect"; message: string };
