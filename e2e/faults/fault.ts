import type { See } from "./see.ts";
import type { Stage } from "./stage.ts";

/** One row of the table. It fails when something was seen that should not be, when it throws, and when it saw nothing. */
export type Fault = {
  name: string;
  /** What is done to the product. */
  done: string;
  /** What is promised for it. */
  expected: string;
  /** Takes minutes: only with SOAK=1, or asked for by name. */
  isLong?: boolean;
  /** Needs root and Linux, to mount or to have a view of its own on the machine. */
  needsRoot?: boolean;
  run: (stage: Stage, see: See) => Promise<void>;
};
