// Makes the Prisma client. The Prisma CLI wants a schema engine binary before it does anything; `generate` never
// runs it, so any existing file satisfies the check and nothing is downloaded.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(import.meta.resolve("prisma/build/index.js"));
const { status, stdout, stderr } = spawnSync(process.execPath, [cli, "generate", "--no-hints"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
  },
  encoding: "utf8",
});
if (status !== 0) {
  process.stderr.write(`The Prisma client could not be generated:\n${stdout}${stderr}`);
  process.exit(status ?? 1);
}
