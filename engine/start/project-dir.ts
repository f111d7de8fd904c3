import { join } from "node:path";

/** The folder that holds package.json. */
export const projectDir = join(import.meta.dirname, "..", "..");
