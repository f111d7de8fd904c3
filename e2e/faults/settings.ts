import type { Fault } from "./fault.ts";
import { runEngine } from "./run-engine.ts";

/** Settings that no start may take, each with the variable that its refusal must name. */
const refused: [name: string, settings: Record<string, string>][] = [
  ["schedule-of-years", { REDELIVERY_SCHEDULE: "100000h" }],
  ["schedule-without-unit", { REDELIVERY_SCHEDULE: "5, 30" }],
  ["slots-none", { SLOTS: "0" }],
  ["slots-millions", { SLOTS: "1000000" }],
  ["port-impossible", { ENGINE_PORT: "70000" }],
  ["database-of-another-kind", { DATABASE_URL: "mysql://127.0.0.1/tocsin" }],
  ["key-too-short", { ENCRYPTION_KEY: "abc" }],
  ["targets-everywhere", { ALLOW_TARGETS: "everywhere" }],
  ["zone-unknown", { DISPLAY_TIME_ZONE: "Mars/Base" }],
  ["retention-none", { LOG_RETENTION_DAYS: "0" }],
  ["window-of-centuries", { NOTIFICATION_WINDOW: "99999999h" }],
  ["authorities-missing", { TARGET_CA_FILE: "/nowhere/ca.pem" }],
  ["sender-no-address", { MAIL_FROM: "nobody" }],
];

export const settingFaults: readonly Fault[] = refused.map(([name, settings]) => {
  const [[variable, value] = ["", ""]] = Object.entries(settings);
  return {
    name: `setting-${name}`,
    done: `the engine starts with ${variable}=${value}`,
    expected: "it refuses to start and names the variable",
    run: async (_stage, see) => {
      const { ended, words } = await runEngine(settings);
      see(typeof ended === "number" && ended > 0, `exit ${ended}`);
      const said = words.split("\n").find((line) => line.includes(variable));
      see(said !== undefined, said?.trim() ?? `it said: ${words.slice(0, 200)}`);
    },
  };
});
