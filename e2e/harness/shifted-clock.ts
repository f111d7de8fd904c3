/** NODE_OPTIONS for a process on a machine whose wall clock is wrong; its monotonic clock runs on, as a real one does. */
export function shiftedClock(shiftMs: number): Record<string, string> {
  const shift = `const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) { given.length === 0 ? super(Real.now() + ${shiftMs}) : super(...given); }
      static now() { return Real.now() + ${shiftMs}; }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}` };
}
