import type { CauseFacts, ReadAnswer } from "./facts.ts";
import type { FrontEnd } from "./front-end.ts";

/** A status with what came along with it. */
export type Answered = {
  facts: CauseFacts;
  statusCode: number;
  answer: ReadAnswer;
  /** Who wrote the answer, when it was not the bot. */
  frontEnd: FrontEnd | null;
};

/** Pages that say in words that somebody took the server out for a while, in English or in Japanese (UTF-8, Shift_JIS). */
export function isMaintenance({ text }: ReadAnswer): boolean {
  return maintenancePage.test(text) && !/temporarily unable to service your/.test(text);
}

const latin1Of = (bytes: readonly number[]): string =>
  Buffer.from(bytes).toString("latin1").toLowerCase();
const utf8 = Buffer.from("メンテナンス").toString("latin1").toLowerCase();
// The same word in Shift_JIS: it has to be recognised before anything is decoded.
const shiftJis = latin1Of([0x83, 0x81, 0x83, 0x93, 0x83, 0x65, 0x83, 0x69, 0x83, 0x93, 0x83, 0x58]);
const maintenancePage = new RegExp(`maintenance|be right back|${utf8}|${shiftJis}`);
