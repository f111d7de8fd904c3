import { type FilterState, filterStates, type LogQuestion } from "#lib/delivery-log/schema.ts";

/**
 * What a question leaves to redeliver: delivered webhooks only where somebody said so, since the bot would get them again. Null:
 * nothing but delivered ones was asked for.
 */
export function withoutDelivered(
  question: LogQuestion,
  includesDelivered: boolean,
): LogQuestion | null {
  if (includesDelivered) return question;
  const states: readonly FilterState[] = (question.states ?? filterStates).filter(
    (state) => state !== "delivered",
  );
  // Doubtful answers are of delivered ones.
  return states.length === 0 || question.doubtful ? null : { ...question, states };
}
