import type { ShownAnswer } from "#lib/answers/schema.ts";
import { ByteBox } from "./byte-box.tsx";

type AnswerHeadersProps = {
  label: string;
  headers: NonNullable<ShownAnswer["responseHeaders"]>;
};

/** The headers of an answer, one a line; a line that was no header as it stood. */
export function AnswerHeaders({ label, headers }: AnswerHeadersProps) {
  const lines = headers.map(([name, value]) => (name === "" ? value : `${name}: ${value}`));
  return <ByteBox label={label}>{lines.join("\n")}</ByteBox>;
}
