import type { SetUpStep } from "#lib/channels/schema.ts";
import { switchNames } from "#lib/channels/switches.ts";

/** Where on the Messaging API page a step of setting up is done. */
export const webhookAnchors = (step: SetUpStep): string =>
  switchNames.some((name) => name === step) ? `switch-${step}` : "webhook-url";
