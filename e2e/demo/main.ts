// npm run demo: the whole product over a sample world with live traffic, in one command.

import { listenForSignal, runUntilSignal } from "#engine/start/run-until-signal.ts";
import { startDemo } from "./demo.ts";

const say = (line: string): void => console.log(line);
const signal = listenForSignal();

try {
  say("Starting Tocsin with a sample world; the first start takes a minute or two");
  const demo = await startDemo({
    dataDir: process.env.DATA_DIR ?? ".data/demo",
    source: process.env,
    say,
    signal: signal.asked,
  });
  const { product, world, password } = demo;
  say(`\nTocsin is ready: ${product.consoleUrl}\n\nSign in with the password ${password} as`);
  for (const { email, what } of world.people) say(`  ${email.padEnd(24)} ${what}`);
  say("\nEvents arrive all the time. Each channel shows another state of the pages:");
  for (const { channelId, name, shows } of world.states) {
    say(
      `  ${product.consoleUrl}/console/channel/${channelId}/statistics/errors  ${name}: ${shows}`,
    );
  }
  say("\nCtrl-C stops everything.");
  await runUntilSignal(demo.stop, say, { signal, failed: product.failed });
} catch (error) {
  if (signal.asked.aborted) signal.end();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
