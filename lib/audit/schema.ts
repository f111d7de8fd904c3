import type { AuditAction } from "./actions.ts";
import type { actorKinds } from "./actor.ts";

export type AuditValue = string | number | boolean | null | readonly string[];

/** A field that changed; `before` or `after` is undefined where there was or is none. */
export type AuditChange = {
  field: string;
  before: AuditValue | undefined;
  after: AuditValue | undefined;
};

/** An entry as its page shows it. */
export type AuditLine = {
  id: string;
  at: Date;
  /** null: written by another version of the product. */
  action: AuditAction | null;
  /** As stored. */
  actionName: string;
  refused: boolean;
  actor: { kind: (typeof actorKinds)[number]; id: string | null; name: string };
  from: { address: string | null; userAgent: string | null };
  /** Of the operators' page: where it happened. */
  place: { channelId: string | null; providerId: string | null };
  target: string | null;
  changes: readonly AuditChange[];
};
