import { cleanLine } from "./clean-line.ts";

const charactersMax = 60;
const ellipsis = "…";

/** What mail programs turn into links: the colon of a scheme, an at sign, the dot of a host, and their wide forms. */
const linking = /:(?=\/\/)|(?<=\S)[@＠](?=\S)|(?<=[\p{L}\p{N}])[.．。｡](?=[\p{L}\p{N}])/gu;

/**
 * A name that somebody chose, for a mail to somebody who may know neither: one line, cut, and with nothing in it that becomes
 * a link or an address to write to (`evil[.]example`). It can still say anything: the mail has to say whose word it is.
 */
export function harmlessName(name: string): string {
  const characters = [...new Intl.Segmenter().segment(cleanLine(name))].map((one) => one.segment);
  const cut =
    characters.length > charactersMax
      ? `${characters.slice(0, charactersMax - 1).join("")}${ellipsis}`
      : characters.join("");
  return cut.replace(linking, (sign) => `[${sign}]`);
}
