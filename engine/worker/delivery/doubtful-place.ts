import type { ClaimedWebhook } from "#lib/queue/claim.ts";

type Doubtful = Pick<ClaimedWebhook, "id" | "isDoubtful">;

/**
 * The one place of a worker for doubtful webhooks, those whose attempts keep vanishing with their workers. Never two at
 * once, over all its loops: when the worker dies again, only the one in this place has come nearer to being set aside.
 */
export type DoubtfulPlace = {
  /** Runs a claim that may take so many doubtful webhooks, one or none, and keeps the place while it took one. */
  claim: <T extends Doubtful>(
    claim: (doubtfulMax: number) => Promise<readonly T[]>,
  ) => Promise<readonly T[]>;
  /** Its outcome is written, or it was given back. */
  leave: (webhook: Doubtful) => void;
};

export function createDoubtfulPlace(): DoubtfulPlace {
  let taken = false;
  return {
    claim: async (claim) => {
      if (taken) return claim(0);
      taken = true;
      let keeps = false;
      try {
        const claimed = await claim(1);
        keeps = claimed.some((webhook) => webhook.isDoubtful);
        return claimed;
      } finally {
        taken = keeps;
      }
    },
    leave: (webhook) => {
      if (webhook.isDoubtful) taken = false;
    },
  };
}
