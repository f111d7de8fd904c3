import type { AnswerHead } from "./answer-head.ts";
import type { Doubt, SuccessfulAnswer } from "./schema.ts";
import { type AnswerShape, shapeOf, sizeOf } from "./shape.ts";

/** What a channel's answers are like, learned one by one. */
export type Habit = {
  /** The shape that counts as usual; null until one has come often enough in a row. */
  usual: AnswerShape | null;
  /** The last answer's, as it came, and how many in a row came so. */
  last: {
    statusCode: number;
    size: AnswerShape["size"];
    contentType: string | null;
    server: string | null;
  } | null;
  inRow: number;
};

export const newHabit = (): Habit => ({ usual: null, last: null, inRow: 0 });

/** So many answers alike in a row make a habit. */
export const habitAnswersMin = 20;
/** So many of a shape that is doubted, without anybody having changed anything, make it the new habit. */
export const doubtedAnswersMax = 1_000;

/** Takes one more answer in. What is doubted for what it says itself is no habit of the bot. */
export function learn(
  habit: Habit,
  answer: SuccessfulAnswer,
  head: AnswerHead,
  doubt: Doubt | null,
): void {
  if (doubt !== null && doubt !== "changed_shape") return;
  habit.inRow = isLikeLast(habit, answer, head) ? habit.inRow + 1 : 1;
  const needed = doubt === null ? habitAnswersMin : doubtedAnswersMax;
  if (habit.inRow === needed) habit.usual = shapeOf(answer, head);
}

/** Compared as it came: taking fields apart costs more than an answer is worth. */
function isLikeLast(
  habit: Habit,
  { statusCode, body }: SuccessfulAnswer,
  head: AnswerHead,
): boolean {
  const { last } = habit;
  const { contentType, server } = head;
  const size = sizeOf(body.length);
  if (
    last !== null &&
    last.statusCode === statusCode &&
    last.size === size &&
    last.contentType === contentType &&
    last.server === server
  ) {
    return true;
  }
  habit.last = { statusCode, size, contentType: copied(contentType), server: copied(server) };
  return false;
}

/** Copied: a field's value may be a view into the whole head, which it would keep alive. */
function copied(text: string | null): string | null {
  return text === null ? null : Buffer.from(text, "latin1").toString("latin1");
}
