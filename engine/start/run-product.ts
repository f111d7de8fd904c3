import { type ProductOptions, startProduct } from "./product.ts";
import { listenForSignal, runUntilSignal } from "./run-until-signal.ts";

/** The start command: the whole product until a signal ends it, which may come before all of it has started. */
export async function runProduct(options: Omit<ProductOptions, "signal">): Promise<void> {
  const signal = listenForSignal();
  try {
    const product = await startProduct({ ...options, signal: signal.asked });
    const { consoleUrl, apiUrl, stop, failed } = product;
    options.say(`Tocsin is ready: ${consoleUrl} (events go to ${apiUrl})`);
    await runUntilSignal(stop, options.say, { signal, failed });
  } catch (error) {
    if (signal.asked.aborted) return signal.end();
    console.error(error instanceof Error ? error.message : error);
    // Whatever still keeps the event loop busy must not keep a supervisor from starting it all anew.
    process.exit(1);
  }
}
