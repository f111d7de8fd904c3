import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

/** What becomes of one line of a bulk intake call. */
type LineAnswer = { status: number; message?: string };

export type TakeInOptions = {
  /** Makes one call of the bulk intake with these lines and returns the body of its answer; refused calls are its own to tell. */
  post: (lines: string) => Promise<string>;
  triesMax?: number;
  pauseMs?: number;
};

/**
 * Sends the webhooks until each has been taken in, exactly once: on a busy machine a build refuses some lines of a call that it
 * answers with 200, or does not know what became of them, and asks for them again.
 * @throws Error when a line is refused for good, or again and again
 */
export async function takeIn(
  webhooks: readonly object[],
  { post, triesMax = 20, pauseMs = 500 }: TakeInOptions,
): Promise<void> {
  let left = webhooks.map((webhook) =>
    JSON.stringify({ ...webhook, idempotencyKey: randomBytes(12).toString("hex") }),
  );
  for (let tries = 1; left.length > 0; tries += 1) {
    const answers = readAnswers(await post(left.join("\n")));
    if (answers.length !== left.length) {
      throw new Error(`${left.length} lines were answered with ${answers.length}`);
    }
    const refused = answers.find(({ status }) => status !== 202 && status !== 503);
    const busy = answers.find(({ status }) => status === 503);
    if (refused !== undefined || (busy !== undefined && tries === triesMax)) {
      throw new Error(`a webhook was not taken in: ${JSON.stringify(refused ?? busy)}`);
    }
    left = left.filter((_, index) => answers[index]?.status === 503);
    if (left.length > 0) await pause(pauseMs);
  }
}

const readAnswers = (body: string): LineAnswer[] =>
  body
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
