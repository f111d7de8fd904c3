import type { AnswerHead } from "./answer-head.ts";
import type { SuccessfulAnswer } from "./schema.ts";

type SizeClass = "empty" | "short" | "medium" | "long";

/** What the answers of one bot mostly have in common. */
export type AnswerShape = {
  statusCode: number;
  /** Lower case, without parameters; empty when there is none. */
  mediaType: string;
  size: SizeClass;
  /** Lower case, without versions, which change with every update; empty when there is none. */
  server: string;
};

export function shapeOf({ statusCode, body }: SuccessfulAnswer, head: AnswerHead): AnswerShape {
  const upTo = (end: RegExp, text: string | null) =>
    text?.trim().split(end, 1)[0]?.trimEnd().toLowerCase() ?? "";
  return {
    statusCode,
    mediaType: upTo(/;/, head.contentType),
    size: sizeOf(body.length),
    server: upTo(/[/\s(]/, head.server),
  };
}

/** A body shorter than this is a word such as `OK`, whatever the framework. */
const shortBytesMax = 64;
const mediumBytesMax = 1_000;

export function sizeOf(bytes: number): SizeClass {
  if (bytes === 0) return "empty";
  if (bytes < shortBytesMax) return "short";
  return bytes < mediumBytesMax ? "medium" : "long";
}

/**
 * Has something else begun to answer? Only where another server names itself and at the same time what it answers is of
 * another kind: a bot that was rewritten, moved behind a proxy, or now says more than before differs in one of the two.
 */
export function hasChanged(usual: AnswerShape, shape: AnswerShape): boolean {
  return (
    shape.server !== usual.server &&
    (shape.statusCode !== usual.statusCode ||
      shape.mediaType !== usual.mediaType ||
      shape.size !== usual.size)
  );
}

/** Bots answer with nothing, a word, or JSON: none of that is held against them. */
export function isPlain(body: Buffer): boolean {
  return body.length < shortBytesMax || body[0] === 0x7b || body[0] === 0x5b;
}
