import type { VerifyLine } from "./schema.ts";

/** The lines of a running check, as they arrive. Pure: runs in the browser. Throws when the stream breaks off. */
export async function* readVerify(body: ReadableStream<Uint8Array>): AsyncGenerator<VerifyLine> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      // The console's own answer, written by streamVerify.
      for (const line of lines) yield JSON.parse(line) as VerifyLine;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (rest !== "") throw new Error("the answer broke off in the middle of a line");
}
