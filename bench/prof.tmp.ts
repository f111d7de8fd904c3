import { execSync } from "node:child_process";
import { drainBare, drainWaiting, makeJobs } from "#bench/delivery/drain.ts";
import { startBotServer } from "#bench/support/bot-server.ts";
import { fillQueue, makeChannels, openSender, openWorld } from "#bench/support/world.ts";

const pgCpu = (port: string) => {
  // ticks of all backends of that cluster
  const pm = execSync(`pgrep -f "postgres -D .*port=${port}"`).toString().trim().split("\n")[0];
  const out = execSync(
    `cat /proc/[0-9]*/stat 2>/dev/null | awk '$4==${pm} || $1==${pm} {s+=$14+$15} $1==${pm}{s+=$16+$17} END {print s}'`,
  ).toString();
  return Number(out) * 10;
};
const bot = await startBotServer();
const world = await openWorld();
const port = new URL(world.url).port;
const sender = openSender();
const channels = await makeChannels(world.database, 100, () => `${bot.url}/ok`);
await drainBare(makeJobs(channels, 5000), sender);
const n = 10000;
for (let i = 0; i < 4; i++) {
  let c = process.cpuUsage();
  let s = await drainBare(makeJobs(channels, n), sender);
  let u = process.cpuUsage(c);
  console.log("bare", Math.round(n / s), "/s; js cpu µs", Math.round((u.user + u.system) / n));
  await fillQueue(world.database, channels, n);
  const p0 = pgCpu(port);
  c = process.cpuUsage();
  s = await drainWaiting(world.database, sender, n);
  u = process.cpuUsage(c);
  console.log(
    "product",
    Math.round(n / s),
    "/s; js cpu µs",
    Math.round((u.user + u.system) / n),
    "pg cpu µs",
    Math.round(((pgCpu(port) - p0) * 1000) / n),
  );
}
await sender.close();
await world.stop();
bot.stop();
process.exit(0);
