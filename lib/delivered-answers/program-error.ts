import type { AnswerHead } from "./answer-head.ts";
import { decoded, isHtml } from "./decoded.ts";

/**
 * Is the body the error by which PHP ended? With `display_errors` on, PHP 8.2 answers 200 to a webhook that its script dies of, or
 * that cannot even be compiled; off, 500 (docs/front-ends.md). A warning is none: the script goes on and answers. Only a body typed as
 * HTML is looked at, which PHP's is unless the script says otherwise.
 */
export function isProgramError(body: Buffer, head: AnswerHead): boolean {
  if (body.length === 0 || !isHtml(head)) return false;
  return died.test(decoded(body, head).toString("latin1"));
}

/** With `html_errors` (the default), without, and as the command line writes it. */
const died = /^(?:<b>)?(?:PHP )?(?:Fatal|Parse) error(?:<\/b>)?: {2}/m;
