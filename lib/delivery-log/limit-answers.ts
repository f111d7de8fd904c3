import { cutText, pageBudget } from "#lib/page-budget.ts";
import type { LoggedAttempt } from "./schema.ts";

/**
 * The attempts with so much of their answers as a page carries, the first ones first. What is cut ends with what `note` says
 * of it: how many characters are missing.
 */
export function limitAnswers(
  history: readonly LoggedAttempt[],
  note: (missingCount: number) => string,
  lengthMax: number = pageBudget.answers,
): LoggedAttempt[] {
  let left = lengthMax;
  return history.map((attempt) => {
    if (attempt.responseBody === null) return attempt;
    const { text, missingCount } = cutText(attempt.responseBody.text, left);
    left -= text.length;
    if (missingCount === 0) return attempt;
    const shown = [text, note(missingCount)].filter((part) => part !== "").join("\n");
    return { ...attempt, responseBody: { ...attempt.responseBody, text: shown } };
  });
}
