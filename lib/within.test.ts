import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { within } from "./within.ts";

test("what is not answered in time is refused, and its own failure is handed on", async () => {
  await expect(within(1, new Promise(() => undefined))).rejects.toThrow("no answer within 1 ms");
  await expect(within(60_000, Promise.reject(new Error("asked in vain")))).rejects.toThrow(
    "asked in vain",
  );
});

/** Answers once it is told to by `turn` 1, and says by `turn` 2 that it has. */
const answerer = `
  const { parentPort, workerData: turn } = require("node:worker_threads");
  parentPort.postMessage("ready");
  Atomics.wait(turn, 0, 0);
  parentPort.postMessage("answer");
  Atomics.store(turn, 0, 2);
  Atomics.notify(turn, 0);
`;

test("an answer that arrived while this process was too busy to read it is in time", async () => {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(answerer, { eval: true, workerData: turn });
  await once(worker, "message");
  // From here on the next thing that runs is the timer, then what has arrived.
  await setImmediate();
  const answered = within(1, once(worker, "message"));
  const asked = performance.now();
  Atomics.store(turn, 0, 1);
  Atomics.notify(turn, 0);
  Atomics.wait(turn, 0, 1);
  while (performance.now() - asked < 5);
  await expect(answered).resolves.toEqual(["answer"]);
  await worker.terminate();
});
