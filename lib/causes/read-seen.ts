import { z } from "zod";
import { harmlessText } from "#lib/answers/harmless-text.ts";

const Text = z.string().transform(harmlessText);
const Flag = z.literal(true);

const Repeat = z.object({
  why: z.enum([
    "goaway",
    "refused_stream",
    "http_1_1_required",
    "reused_connection_ended",
    "connection_ended_unused",
  ]),
  afterMs: z.number(),
  code: Text.optional(),
  isMarked: z.boolean(),
});

const StoredSeen = z.object({
  phase: z.enum(["url", "dns", "tcp", "tls", "answer"]),
  code: Text.optional(),
  alert: Text.optional(),
  goAway: Text.optional(),
  reset: Text.optional(),
  tlsVersion: Text.optional(),
  clientCertificateAsked: Flag.optional(),
  serverCertificateShown: Flag.optional(),
  firstBytes: Text.optional(),
  isReused: Flag.optional(),
  oddities: z.array(Text).optional(),
  repeats: z.array(Repeat).optional(),
});

/** What was seen as people read it: `Seen` after a way through the database. */
export type ShownSeen = z.infer<typeof StoredSeen>;

/** Stored `seen` as harmless text; null when nothing was kept. */
export function readSeen(stored: unknown): ShownSeen | null {
  return StoredSeen.safeParse(stored).data ?? null;
}
