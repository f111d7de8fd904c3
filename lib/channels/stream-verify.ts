import type { VerifyLine } from "./schema.ts";
import type { Verify } from "./verify-webhook.ts";

/**
 * Runs a check and writes what it finds as NDJSON (`VerifyLine`), each line as soon as it is known; holds at most the
 * five steps. When the reader goes away, or `signal` is aborted, the check is given up and nothing more is written.
 * `describeDefect` turns what should never happen into a sentence for the person.
 */
export function streamVerify(
  verify: Verify,
  { signal, describeDefect }: { signal: AbortSignal; describeDefect: (error: unknown) => string },
): ReadableStream<Uint8Array> {
  const reader = new AbortController();
  const left = AbortSignal.any([signal, reader.signal]);
  const encoder = new TextEncoder();
  return new ReadableStream({
    start: async (controller) => {
      const write = (line: VerifyLine) => {
        if (!left.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      try {
        const onStep = (step: Extract<VerifyLine, { kind: "step" }>["step"]) =>
          write({ kind: "step", step });
        write({ kind: "end", checked: await verify({ onStep, signal: left }) });
      } catch (error) {
        if (!left.aborted) write({ kind: "defect", message: describeDefect(error) });
      }
      if (!reader.signal.aborted) controller.close();
    },
    cancel: () => reader.abort(),
  });
}
