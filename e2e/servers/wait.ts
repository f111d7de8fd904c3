/** Waits until `condition` holds; fails with `what` and the last seen value after `timeoutMs`. */
export async function until(
  what: string,
  condition: () => unknown,
  timeoutMs = 5_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    if (condition()) return;
    if (performance.now() > end) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
