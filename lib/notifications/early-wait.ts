import type { NotificationPolicy } from "./schema.ts";

/**
 * So long after it was closed early a window is still counted into, and opened again if a delivery says that deliveries had not
 * ceased: most attempts of its time are recorded by then. Recipients of many channels are told of all that cease within it together.
 */
export const earlyWaitMs = ({ earlyMs }: Pick<NotificationPolicy, "earlyMs">): number =>
  Math.min(15_000, earlyMs / 5);
