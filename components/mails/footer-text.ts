import type { Footer } from "./mail-frame.tsx";

/** The footer of a mail as text, below the line that mail programs know a signature by. */
export function footerText({ lines, unsubscribe }: Footer): string {
  const end = unsubscribe === null ? [] : [`${unsubscribe.label}: ${unsubscribe.url}`];
  return `-- \n${[...lines, ...end].join("\n")}`;
}
