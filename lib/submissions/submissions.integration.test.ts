import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { beginSubmission, dropSubmission, endSubmission } from "./commands.ts";
import { readSubmissionKey } from "./read-key.ts";
import { newSubmissionKey } from "./submission-key.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const newForm = async () => ({
  userId: (await createUser(database.db)).id,
  key: newSubmissionKey(),
});
const led = { message: null, location: "/console/provider/1", isShownOnce: false };

test("of a form that is sent several times at once one is done, and the others hear what it came to", async () => {
  const { db } = database;
  const form = await newForm();
  let doneCount = 0;
  const send = async () => {
    const earlier = await beginSubmission(db, form);
    if (earlier !== null) return earlier;
    doneCount += 1;
    await endSubmission(db, form, led);
    return led;
  };
  const answers = await Promise.all([send(), send(), send(), send()]);
  expect(doneCount).toBe(1);
  expect(answers).toEqual([led, led, led, led]);
});

test("the same key of another person is another form", async () => {
  const { db } = database;
  const form = await newForm();
  expect(await beginSubmission(db, form)).toBe(null);
  const { userId } = await newForm();
  expect(await beginSubmission(db, { ...form, userId })).toBe(null);
});

test("a form that was refused may be sent again as it is", async () => {
  const { db } = database;
  const form = await newForm();
  expect(await beginSubmission(db, form)).toBe(null);
  await dropSubmission(db, form);
  expect(await beginSubmission(db, form)).toBe(null);
});

test("who waits for a form that is then refused finds out why by themselves", async () => {
  const { db } = database;
  const form = await newForm();
  await beginSubmission(db, form);
  const waiting = beginSubmission(db, form);
  await dropSubmission(db, form);
  expect(await waiting).toBe(null);
});

test("the same form filled in otherwise is another one", async () => {
  const key = newSubmissionKey();
  const sent = (fields: Record<string, string | Blob>) => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ submission: key, ...fields })) {
      form.append(name, value);
    }
    return readSubmissionKey(form);
  };
  const first = await sent({ name: "One", icon: new Blob(["a"]) });
  expect(await sent({ name: "One", icon: new Blob(["a"]) })).toBe(first);
  expect(await sent({ name: "Two", icon: new Blob(["a"]) })).not.toBe(first);
  expect(await sent({ name: "One", icon: new Blob(["b"]) })).not.toBe(first);
  expect(await sent({ name: "One", submission: "made up" })).toBe(null);
});

test("what is shown once is not shown again", async () => {
  const { db } = database;
  const form = await newForm();
  await beginSubmission(db, form);
  await endSubmission(db, form, { message: null, location: null, isShownOnce: true });
  await expect(beginSubmission(db, form)).rejects.toMatchObject({ key: "submitted_already" });
});

test("what was sent days before is forgotten", async () => {
  const { db } = database;
  const old = await newForm();
  await beginSubmission(db, old);
  await db.submission.updateMany({ where: old, data: { at: new Date(Date.now() - 90_000_000) } });
  await beginSubmission(db, await newForm());
  expect(await db.submission.findFirst({ where: old })).toBe(null);
});
