// npm start: the whole product in one command, stopped in order by one Ctrl-C.
import { parseArgs } from "node:util";
import { currentEnv } from "./child-env.ts";
import { startProduct } from "./product.ts";
import { runUntilSignal } from "./run-until-signal.ts";

const { values } = parseArgs({ options: { dev: { type: "boolean", default: false } } });
const say = (line: string): void => console.log(line);

try {
  const product = await startProduct({ source: currentEnv(), say, dev: values.dev });
  say(`Tocsin is ready: ${product.consoleUrl} (events go to ${product.apiUrl})`);
  await runUntilSignal(product.stop, say, product.failed);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
