import type { AnswerHead } from "./answer-head.ts";
import { isNotHttp } from "./not-http.ts";
import { isProgramError } from "./program-error.ts";
import type { Doubt, SuccessfulAnswer } from "./schema.ts";
import { type AnswerShape, hasChanged, isPlain, shapeOf } from "./shape.ts";
import { isWebPage } from "./web-page.ts";

/**
 * Why an answer with a 2xx status was probably not the bot's, or not what it should have been; null where nothing speaks against it. `usual` is what the
 * channel's answers have long been like, null where that is not known. Careful by intention: a doubt that is none costs trust,
 * one that is missed costs what was there before. Does **not** find what looks like a bot's answer: an empty 200 of a proxy without
 * a route for the path (Caddy), or `OK` of a health check.
 */
export function doubtOf(
  answer: SuccessfulAnswer,
  head: AnswerHead,
  usual: AnswerShape | null,
): Doubt | null {
  if (isWebPage(answer.body, head)) return "web_page";
  if (isProgramError(answer.body, head)) return "program_error";
  if (isNotHttp(answer.body, head)) return "not_http";
  if (head.isFromCache) return "from_cache";
  if (usual === null || isPlain(answer.body)) return null;
  return hasChanged(usual, shapeOf(answer, head)) ? "changed_shape" : null;
}
