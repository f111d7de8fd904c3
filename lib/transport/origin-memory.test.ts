import { beforeEach, describe, expect, test, vi } from "vitest";
import { Origin, OriginMemory } from "./origin-memory.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  return () => vi.useRealTimers();
});

describe("how long an unused connection may be used again", () => {
  test("half of the shortest time after which the server ended one", () => {
    const origin = new Origin();
    origin.noteEnded(2_000);
    expect(origin.usableMs).toBe(1_000);
    origin.noteEnded(3_000);
    expect(origin.usableMs).toBe(1_000);
  });

  test("what was learned holds for days", () => {
    const origin = new Origin();
    origin.noteEnded(2_000);
    vi.advanceTimersByTime(7 * 86_400_000);
    expect(origin.usableMs).toBe(1_000);
  });

  test("a reload, which ends connections that were kept far longer before, teaches nothing", () => {
    const origin = new Origin();
    origin.noteKept(3_000);
    for (let index = 0; index < 64; index++) origin.noteEnded(index);
    expect(origin.usableMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("what comes again and again is a new habit", () => {
    const origin = new Origin();
    origin.noteKept(3_000);
    for (let index = 0; index < 3; index++) {
      origin.noteEnded(500);
      vi.advanceTimersByTime(60_000);
    }
    expect(origin.usableMs).toBe(250);
  });

  test("a connection that is kept longer after all ends the belief", () => {
    const origin = new Origin();
    origin.noteEnded(10);
    origin.disprove();
    expect(origin.usableMs).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("how many requests a connection is given", () => {
  test("half of those beside which one was refused, for an hour", () => {
    const origin = new Origin();
    origin.noteRefused(7);
    expect(origin.streamsMax).toBe(3);
    for (let others = 6; others >= 1; others--) origin.noteRefused(others);
    expect(origin.streamsMax).toBe(1);
    vi.advanceTimersByTime(3_600_001);
    expect(origin.streamsMax).toBe(100);
  });

  test("a request refused beside none teaches nothing: HAProxy refuses so when the bot crashes", () => {
    const origin = new Origin();
    origin.noteRefused(0);
    expect(origin.streamsMax).toBe(100);
  });

  test("no more than the last SETTINGS announced", () => {
    const origin = new Origin();
    origin.noteAnnounced(1);
    expect(origin.streamsMax).toBe(1);
    origin.noteAnnounced(undefined);
    expect(origin.streamsMax).toBe(100);
  });

  test("as many as GOAWAY admitted, and more when more are answered", () => {
    const origin = new Origin();
    origin.noteAdmitted(3);
    expect(origin.requestsMax).toBe(3);
    origin.noteBeyondAdmitted();
    expect(origin.requestsMax).toBe(6);
    origin.noteAdmitted(0);
    expect(origin.requestsMax).toBe(1);
  });
});

test("memory of origins is bounded", () => {
  const memory = new OriginMemory();
  const first = memory.of("https://0.example");
  for (let index = 1; index <= 10_000; index++) memory.of(`https://${index}.example`);
  expect(memory.of("https://0.example")).not.toBe(first);
});
