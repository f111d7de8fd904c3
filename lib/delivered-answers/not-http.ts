import type { AnswerHead } from "./answer-head.ts";

/**
 * Is the body what a server of another kind says when it is spoken to in HTTP? Apache takes such a line for an answer of
 * HTTP/0.9 and passes it on as the body of a 200, without a type (docs/front-ends.md). So only a body without a type is looked at: a
 * known greeting, or bytes that no text has.
 */
export function isNotHttp(body: Buffer, { contentType, contentEncoding }: AnswerHead): boolean {
  if (body.length === 0 || contentType !== null || contentEncoding !== null) return false;
  return greeting.test(body.toString("latin1", 0, greetingBytes)) || hasControls(body);
}

const greetingBytes = 16;
/** SSH, SMTP and FTP, POP3, IMAP, Redis, VNC, AMQP, and an answer within an answer. */
const greeting = /^(?:SSH-\d|220[ -]|\+OK |\* (?:OK|PREAUTH|BYE) |-ERR |RFB \d{3}|AMQP|HTTP\/\d)/;

const examinedBytes = 256;
/** Escape stands in ISO-2022-JP, zero bytes in UTF-16 behind its byte order mark. */
function hasControls(body: Buffer): boolean {
  if ((body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff))
    return false;
  const end = Math.min(body.length, examinedBytes);
  for (let at = 0; at < end; at += 1) {
    const byte = body[at] ?? 0;
    if (byte < 0x20 && byte !== 0x1b && (byte < 0x09 || byte > 0x0d)) return true;
  }
  return false;
}
