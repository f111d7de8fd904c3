import { randomFillSync } from "node:crypto";
import { ulid } from "ulid";

/** Of some two hundred ids at once: by itself `ulid` asks the system for each letter, which took most of an id's time. */
const bytes = Buffer.alloc(4_096);
let next = bytes.length;

function random(): number {
  if (next === bytes.length) {
    randomFillSync(bytes);
    next = 0;
  }
  next += 1;
  return bytes.readUInt8(next - 1) / 256;
}

/** A new `webhookEventId`: a ULID, whose first ten letters are the time, to the millisecond, and the other sixteen random. */
export const newEventId = (at: Date): string => ulid(at.getTime(), random);
