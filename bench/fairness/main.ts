// npm run bench:fairness [-- --seconds 30 --perSecond 300 --rounds 2 --against REV]
// What healthy channels notice when a tenth of all channels hang and a twentieth refuse, and next to a hanging backlog, compared
// with the same load without them; and how fast a single channel gets when 1, 5 and 20 % of its requests hang, compared with what
// the slots allow and with another commit.

import { parseArgs } from "node:util";
import { startBotServer } from "#bench/support/bot-server.ts";
import { defaultRevision } from "#bench/support/build.ts";
import { machine } from "#bench/support/figures.ts";
import { measureHealthy } from "./healthy.ts";
import { measurePartlySlow } from "./partly-slow.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    perSecond: { type: "string", default: "300" },
    rounds: { type: "string", default: "2" },
    against: { type: "string", default: defaultRevision },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

console.log(machine());
const bot = await startBotServer();
const healthy = await measureHealthy(bot, { seconds, rounds, perSecond: Number(values.perSecond) });
const partlySlow = await measurePartlySlow(bot, {
  seconds: Math.min(seconds, 6),
  rounds,
  against: values.against,
});
bot.stop();
console.log(JSON.stringify({ ...healthy, ...partlySlow }));
