/**
 * How many characters of stored texts one page carries, at most; stated in docs/security.md. Each goes into it twice, as HTML
 * and as data for the browser's script, and there a character can become ten.
 */
export const pageBudget = {
  /** Of a webhook's body, laid out and made harmless. */
  body: 1_048_576,
  /** Of a webhook's body as it was sent, to be copied; a longer one is not offered. */
  copiedBody: 65_536,
  /** Of the command that sends it again, which is of no use when it is cut. */
  command: 524_288,
  /** Of all answers to one webhook together, the newest first. */
  answers: 524_288,
  /** Of an event's type or id. */
  name: 200,
} as const;

/** The beginning of a text, and how many characters it lacks; no character of two halves is cut in two. */
export function cutText(text: string, lengthMax: number): { text: string; missingCount: number } {
  if (text.length <= lengthMax) return { text, missingCount: 0 };
  const last = text.charCodeAt(lengthMax - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? lengthMax - 1 : lengthMax;
  return { text: text.slice(0, end), missingCount: text.length - end };
}
