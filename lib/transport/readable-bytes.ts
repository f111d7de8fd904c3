const shownMax = 64;

/** The first 64 of `bytes` as text for people: printable ASCII as it is, any other byte as `\xNN`. */
export function readableBytes(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes.subarray(0, shownMax)) {
    const isPrintable = byte >= 0x20 && byte <= 0x7e && byte !== 0x5c;
    text += isPrintable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}
