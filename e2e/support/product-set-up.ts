import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { oidcClient } from "#e2e/servers/oidc-server.ts";
import { startProduct } from "#engine/start/product.ts";
import { smtpPassword } from "./mail-server.ts";
import { consolePort, enginePort, oidcPort, smtpPort } from "./ports.ts";
import { keepProductLog } from "./product-log.ts";

/** The whole product for the journeys, empty, over a data folder that is thrown away. */
export default async function setUp(): Promise<() => Promise<void>> {
  const base = join(import.meta.dirname, "../../.data/e2e");
  await mkdir(base, { recursive: true });
  const dataDir = await mkdtemp(join(base, "run-"));
  // Outside, because as root in a folder that only root may enter PostgreSQL's account reaches nothing in here.
  const shelterDir = await mkdtemp(join(tmpdir(), "tocsin-e2e-"));
  const logFile = join(dataDir, "product.log");
  const log = keepProductLog(logFile);
  const clean = async () => {
    await log.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
    await rm(shelterDir, { recursive: true, force: true, maxRetries: 10 });
  };
  // Told apart from the generated one, so that a test can make a cookie without signing in through a form each time.
  const authSecret = randomBytes(32).toString("base64url");
  const product = await startProduct({
    source: {
      DATA_DIR: dataDir,
      AUTH_SECRET: authSecret,
      PORT: String(consolePort),
      ENGINE_PORT: String(enginePort),
      BASE_URL: `http://localhost:${consolePort}`,
      SMTP_URL: `smtp://tocsin:${smtpPassword}@127.0.0.1:${smtpPort}`,
      SIGN_UP: "open",
      AUTH_OIDC_ISSUER: `http://localhost:${oidcPort}`,
      AUTH_OIDC_NAME: "Harbour ID",
      AUTH_OIDC_ID: oidcClient.id,
      AUTH_OIDC_SECRET: oidcClient.secret,
      MAIL_FROM: "Tocsin <tocsin@example.com>",
      ALLOW_TARGETS: "127.0.0.0/8, ::1/128",
      ALLOW_HTTP_TARGETS: "true",
      REDELIVERY_SCHEDULE: "3s, 5s, 5s, 5s, 5s, 5s",
      NOTIFICATION_WINDOW: "5s",
      LOG_LEVEL: "debug",
    },
    hear: log.hear,
    embedded: { accountName: "nobody", shelterDir },
    say: (line) => console.log(line),
  }).catch(async (error: unknown) => {
    await clean();
    throw error;
  });
  // For journeys that begin in the middle: they put people and channels into the database themselves.
  process.env.E2E_LOG_FILE = logFile;
  process.env.E2E_DATABASE_URL = product.databaseUrl;
  process.env.E2E_AUTH_SECRET = authSecret;
  process.env.E2E_ENCRYPTION_KEY = product.encryptionKey.toString("hex");
  return async () => {
    await product.stop();
    await clean();
  };
}
