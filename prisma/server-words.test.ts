import { expect, test } from "vitest";
import { wordsOfItself } from "./server-words.ts";

const at = "2026-11-28 03:00:00.000 UTC [17]";

test("last words tell of the server, and of nobody's statements and rows", () => {
  const output = [
    `${at} ERROR:  duplicate key value violates unique constraint "users_email_key"`,
    `${at} DETAIL:  Key (email)=(someone@example.com) already exists.`,
    `${at} STATEMENT:  insert into users`,
    "\t(email) values ('someone@example.com')",
    `${at} FATAL:  the database system is not yet accepting connections`,
    `${at} DETAIL:  Consistent recovery state has not been yet reached.`,
    `${at} LOG:  could not write to file "pg_wal/xlogtemp.17": No space left on device`,
    `${at} PANIC:  could not write to file "pg_wal/xlogtemp.17": No space left on device`,
    `${at} HINT:  Free some room.`,
    "",
  ].join("\n");
  const words = wordsOfItself(output);
  expect(words).not.toContain("someone");
  expect(words.split("\n")).toEqual([
    `${at} LOG:  could not write to file "pg_wal/xlogtemp.17": No space left on device`,
    `${at} PANIC:  could not write to file "pg_wal/xlogtemp.17": No space left on device`,
    `${at} HINT:  Free some room.`,
  ]);
});

test("what the system says of a program that it cannot run is kept, and the last lines only", () => {
  expect(wordsOfItself("postgres: error while loading shared libraries: libz.so.1\n")).toContain(
    "libz.so.1",
  );
  const many = Array.from({ length: 40 }, (_, index) => `${at} LOG:  line ${index}`).join("\n");
  expect(wordsOfItself(many).split("\n")).toHaveLength(12);
  expect(wordsOfItself(many)).toMatch(/line 39$/);
});
