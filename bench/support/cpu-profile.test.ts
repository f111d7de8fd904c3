import { expect, test } from "vitest";
import { type CpuProfile, selfTimes } from "./cpu-profile.ts";

const frame = (functionName: string, url: string, lineNumber = 0) => ({
  functionName,
  url,
  lineNumber,
  columnNumber: 0,
  scriptId: "1",
});

const profile: CpuProfile = {
  startTime: 0,
  endTime: 100,
  nodes: [
    { id: 1, callFrame: frame("(idle)", "") },
    { id: 2, callFrame: frame("send", "file:///repo/lib/transport/sender.ts", 11) },
    { id: 3, callFrame: frame("parse", "file:///repo/node_modules/pg-protocol/dist/parser.js", 4) },
    { id: 4, callFrame: frame("writev", "") },
    { id: 5, callFrame: frame("(garbage collector)", "") },
    { id: 6, callFrame: frame("send", "file:///repo/lib/transport/sender.ts", 11) },
    { id: 7, callFrame: frame("", "node:net", 2) },
  ],
  samples: [1, 2, 3, 4, 5, 6, 7],
  timeDeltas: [40, 10, 20, 5, 6, 7, 8],
};

test("the time of a function is that of all places that it was called from, without idle time", () => {
  const { functions } = selfTimes(profile, "/repo");
  expect(functions.slice(0, 2)).toEqual([
    { name: "parse node_modules/pg-protocol/dist/parser.js:5", us: 20 },
    { name: "send lib/transport/sender.ts:12", us: 17 },
  ]);
  expect(functions.map(({ name }) => name)).not.toContain("(idle)");
});

test("places are packages, folders of the repository, Node's modules and what V8 names", () => {
  const { places } = selfTimes(profile, "/repo");
  expect(Object.fromEntries(places.map(({ name, us }) => [name, us]))).toEqual({
    "node_modules/pg-protocol": 20,
    "lib/transport": 17,
    "native code": 5,
    "(garbage collector)": 6,
    "Node's own modules": 8,
  });
});
