import { botServerFaults } from "./bot-servers.ts";
import { clockFaults } from "./clocks.ts";
import { databaseFaults } from "./databases.ts";
import type { Fault } from "./fault.ts";
import { lockFaults } from "./locks.ts";
import { machineFaults } from "./machines.ts";
import { mailFaults } from "./mails.ts";
import { processFaults } from "./processes.ts";
import { queueFaults } from "./queues.ts";
import { requestFaults } from "./requests.ts";
import { settingFaults } from "./settings.ts";
import { switchFaults } from "./switches.ts";

const groups: Record<string, readonly Fault[]> = {
  Processes: processFaults,
  PostgreSQL: databaseFaults,
  "Locks and limits of PostgreSQL": lockFaults,
  Clocks: clockFaults,
  "Bot servers": botServerFaults,
  "Mail servers and alerts": mailFaults,
  Requests: requestFaults,
  "Queue and jobs": queueFaults,
  Switches: switchFaults,
  "One machine": machineFaults,
  Settings: settingFaults,
};

/** A fault under the heading that it has in the table. */
export type GroupedFault = Fault & { group: string };

/** Every row, in the order of the table. */
export const allFaults: readonly GroupedFault[] = Object.entries(groups).flatMap(
  ([group, faults]) => faults.map((fault) => ({ ...fault, group })),
);
