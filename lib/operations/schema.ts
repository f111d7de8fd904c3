import { z } from "zod";

/** Of waiting webhooks so many are counted, and one more to tell that there are more. */
export const waitingCountMax = 1_000;

/** Lines of the operators' lists. `waitingCount`: webhooks that would be cancelled. */
export type UserLine = {
  id: string;
  email: string;
  name: string;
  isOperator: boolean;
  /** As lib/counted-max.ts says. */
  roleCount: number;
  createdAt: Date;
  disabledAt: Date | null;
};
export type ProviderLine = {
  id: string;
  name: string;
  /** As lib/counted-max.ts says. */
  channelCount: number;
  waitingCount: number;
  disabledAt: Date | null;
  createdAt: Date;
};
export type ChannelLine = {
  id: string;
  name: string;
  providerId: string;
  providerName: string;
  useWebhook: boolean;
  disabledAt: Date | null;
  waitingCount: number;
  /** While its provider is disabled, a channel cannot be enabled. */
  providerDisabledAt: Date | null;
  createdAt: Date;
};

/** A page of a list; `next` is after which entry the following one begins, null on the last. */
export type ListPage<Line> = { lines: Line[]; next: string | null };

const Disabled = z.enum(["true", "false"]).transform((value) => value === "true");
export const DisableUserForm = z.object({ userId: z.uuid(), disabled: Disabled });
export const DisableProviderForm = z.object({ providerId: z.string(), disabled: Disabled });
export const DisableChannelForm = z.object({ channelId: z.string(), disabled: Disabled });
