import { expect, test } from "vitest";
import { connectionsOfProduct, databaseUses } from "./database-uses.ts";
import { readingBounds } from "./reading/bounds.ts";

test("one start command's connections are those that its processes' uses add up to", () => {
  const { intake, api, console, files, probe, worker, housekeeping } = databaseUses;
  const reading = readingBounds.places * readingBounds.connectionsPerQuestion;
  // Of those for files, four in ten are ever taken; whoever listens has one more.
  const shared = files.connectionsMax * 0.4 + probe.connectionsMax + reading;
  const ofApi = intake.connectionsMax + api.connectionsMax + shared;
  const ofConsole = console.connectionsMax + shared + 1;
  const ofWorker = worker.connectionsMax + housekeeping.connectionsMax + 1;
  const commandsAndSpare = 3 + 8;
  expect(connectionsOfProduct(1)).toBe(ofApi + ofConsole + ofWorker + commandsAndSpare);
  expect(connectionsOfProduct(64) - connectionsOfProduct(63)).toBe(ofWorker);
});
