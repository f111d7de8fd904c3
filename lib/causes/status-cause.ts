import { clientCause } from "./client-cause.ts";
import { type CauseFacts, readAnswer } from "./facts.ts";
import { frontEndOf } from "./front-end.ts";
import { redirectCause } from "./redirect-cause.ts";
import type { LikelyCause } from "./schema.ts";
import { serverCause } from "./server-cause.ts";

const nothing = { headers: [], body: Buffer.alloc(0) };

/** Why the answer had no status from 200 to 299. */
export function statusCause(facts: CauseFacts): LikelyCause {
  const answer = readAnswer(facts.response ?? nothing);
  const statusCode = facts.error.statusCode ?? 0;
  const answered = { facts, statusCode, answer, frontEnd: frontEndOf(answer) };
  if (statusCode >= 300 && statusCode <= 399) return redirectCause(facts.url, answer);
  if (statusCode >= 500 && statusCode <= 599) return serverCause(answered);
  if (statusCode >= 400 && statusCode <= 499) return clientCause(answered);
  return "status_unusual";
}
