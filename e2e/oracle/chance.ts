import { createHash } from "node:crypto";

/**
 * A number in [0, 1) that depends on the seed and on what is asked alone, not on how often or in which order: so a run
 * with the same seed is the same world, whatever the machine's pace.
 */
export const chance = (seed: number, ...about: (string | number)[]): number =>
  createHash("sha256")
    .update(JSON.stringify([seed, ...about]))
    .digest()
    .readUInt32BE() /
  2 ** 32;
