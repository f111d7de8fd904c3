import { join } from "node:path";
import { projectDir } from "./project-dir.ts";

const source = join(projectDir, "engine/main.ts");

/** What Node is given to run the engine from its source; tests start it from one file instead (e2e/servers/programs.ts). */
export const engineCommand: readonly string[] = ["--import", "tsx", source];
