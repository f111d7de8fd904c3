import type { Charset } from "./schema.ts";

/** Names that servers use and the Encoding Standard does not know. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ["cp932", "shift_jis"],
  ["sjis-win", "shift_jis"],
  ["eucjp", "euc-jp"],
  ["eucjp-win", "euc-jp"],
  ["jis", "iso-2022-jp"],
  ["cp936", "gbk"],
  ["cp949", "euc-kr"],
  ["cp950", "big5"],
  ["utf8mb4", "utf-8"],
]);
/** How far a page's declaration of its charset is looked for, as browsers do. */
const declarationBytesMax = 1_024;

type Read = { text: string; charset: Charset };

/**
 * Reads bytes, of which the end may be missing, as text: by their mark, by what the answer says of itself, otherwise by what
 * they look like. What says something that the bytes are not is passed over and named. Japanese alone is recognised by its
 * characters; anything else that is not UTF-8 is assumed to be windows-1252.
 */
export function readText(contentType: string | null, bytes: Buffer): Read {
  const ascii = bytes.toString("latin1");
  if (/^[\t\n\r -~]*$/.test(ascii)) {
    return { text: ascii, charset: { name: "utf-8", from: "valid", contradicts: null } };
  }
  let contradicts: string | null = null;
  const utf8 = decode("utf-8", bytes)?.text ?? "";
  for (const { label, from } of toldCharsets(contentType, bytes)) {
    const read = decodeAsTold(label, bytes, utf8);
    if (read !== null) return { text: read.text, charset: { name: read.name, from, contradicts } };
    contradicts ??= label;
  }
  return guess(bytes, contradicts);
}

/** As `decode`; null too where the bytes are rather UTF-8, which no other text is by chance. */
function decodeAsTold(label: string, bytes: Buffer, utf8: string): Decoded | null {
  const read = decode(label, bytes);
  if (read === null || /^(utf|iso-2022)/.test(read.name)) return read;
  // Two bytes of UTF-8 can be a character of East Asia as well.
  const proof = read.name === "windows-1252" ? /[\u0080-\uffff]/ : /[\u0800-\uffff]/;
  return proof.test(utf8) ? null : read;
}

type Told = { label: string; from: Charset["from"] };

/** What says in which charset the bytes are, the surest first. */
function toldCharsets(contentType: string | null, bytes: Buffer): Told[] {
  const start = bytes.toString("latin1", 0, declarationBytesMax);
  const told: Told[] = [];
  const add = (from: Told["from"], label: string | undefined) => {
    if (label === undefined) return;
    // Read as bytes of ASCII, so it cannot be UTF-16 (HTML's rule for its meta tag).
    const isRead = from === "meta" || from === "xml";
    told.push({ label: isRead && /^utf-?16/i.test(label) ? "utf-8" : label.slice(0, 40), from });
  };
  add("bom", markOf(bytes));
  add("header", /;\s*charset\s*=\s*["']?([^\s"';,]+)/i.exec(contentType ?? "")?.[1]);
  add("meta", /<meta\s[^>]*charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(start)?.[1]);
  add("xml", /^\s*<\?xml\s[^>]*encoding\s*=\s*["']([\w.:-]+)/.exec(start)?.[1]);
  return told;
}

function markOf(bytes: Buffer): string | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return a === 0xff && b === 0xfe ? "utf-16le" : undefined;
}

function guess(bytes: Buffer, contradicts: string | null): Read {
  const as = (from: Charset["from"], { text, name }: Decoded): Read => ({
    text,
    charset: { name, from, contradicts },
  });
  // Of seven bits, so it would pass as UTF-8.
  const escapes = ["\x1b$B", "\x1b$@"].some((sequence) => bytes.includes(sequence));
  const iso2022 = escapes ? decode("iso-2022-jp", bytes) : null;
  if (iso2022 !== null) return as("likely", iso2022);
  const utf8 = decode("utf-8", bytes);
  if (utf8 !== null) return as("valid", utf8);
  const [japanese] = ["shift_jis", "euc-jp"]
    .flatMap((label) => decode(label, bytes) ?? [])
    .map((decoded) => ({ decoded, kana: kanaCount(decoded.text) }))
    .filter(({ kana }) => kana > 0)
    .sort((a, b) => b.kana - a.kana);
  if (japanese !== undefined) return as("likely", japanese.decoded);
  return as("assumed", { text: windows1252(bytes), name: "windows-1252" });
}

/** Japanese is hardly ever written without. */
const kanaCount = (text: string): number =>
  text.match(/[\u3041-\u3093\u30a1-\u30fc]/g)?.length ?? 0;

type Decoded = { text: string; name: string };

/** Null when the bytes are not of this charset, or nobody knows it. A character that the end cuts off is left out. */
function decode(label: string, bytes: Buffer): Decoded | null {
  const lower = label.toLowerCase();
  try {
    const decoder = new TextDecoder(otherNames.get(lower) ?? lower, { fatal: true });
    const name = decoder.encoding;
    if (name === "windows-1252") return { text: windows1252(bytes), name };
    return { text: decoder.decode(bytes, { stream: true }), name };
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}

// Node 20 reads these 32 as the controls of ISO 8859-1.
const windowsOnly = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

function windows1252(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[\u0080-\u009f]/g, (one) => windowsOnly[one.charCodeAt(0) - 0x80] ?? one);
}
