import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProduct } from "#engine/start/product.ts";

/**
 * Starts the whole product for the bench `name` at `port` and the next one, with data of its own. The caller removes `dataDir`
 * and `shelterDir`. @throws Error as startProduct.
 */
export async function startBenchProduct(
  { name, port }: { name: string; port: number },
  settings: Readonly<Record<string, string>> = {},
) {
  const base = join(import.meta.dirname, "../../.data", `bench-${name}`);
  await mkdir(base, { recursive: true });
  const dataDir = await mkdtemp(join(base, "run-"));
  // Outside, because as root in a folder that only root may enter PostgreSQL's account reaches nothing in here.
  const shelterDir = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
  const product = await startProduct({
    source: {
      DATA_DIR: dataDir,
      PORT: String(port),
      ENGINE_PORT: String(port + 1),
      BASE_URL: `http://localhost:${port}`,
      LOG_LEVEL: "warn",
      ...settings,
    },
    embedded: { accountName: "nobody", shelterDir },
    say: (line) => console.log(line),
  });
  return { product, dataDir, shelterDir };
}
