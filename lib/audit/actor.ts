/** Where a request came from; null what is not known or cannot be trusted. */
export type Visitor = { address: string | null; userAgent: string | null };

/**
 * Who does something, as commands take it and the audit log keeps it. The signed-in person (`SessionUser`) is one as it is.
 * `name` is kept as it was then; never an email address, which a person may take away with their account.
 */
export type Actor =
  | {
      kind: "user";
      id: string;
      name: string;
      isOperator: boolean;
      from: Visitor | null;
      /** The session that asks, by the key that the list of sessions names it by; null outside of one. */
      session: string | null;
    }
  | { kind: "platform_key"; id: string; name: string; from: Visitor | null }
  /** A bot, by one of its channel's access tokens; `id` is the channel's. */
  | { kind: "channel_token"; id: string; name: string; from: Visitor | null }
  /** A program on the machine itself, such as `operator:create`; `name` is its name. */
  | { kind: "command"; id: null; name: string; from: null }
  /** Somebody who is not signed in. */
  | { kind: "visitor"; id: null; name: ""; from: Visitor | null };

/** Somebody who is not signed in. */
export const visitorActor = (from: Visitor | null): Actor => ({
  kind: "visitor",
  id: null,
  name: "",
  from,
});

/** A program on the machine itself, by its name. */
export const commandActor = (name: string): Actor => ({
  kind: "command",
  id: null,
  name,
  from: null,
});

export const actorKinds = ["user", "platform_key", "channel_token", "command", "visitor"] as const;
