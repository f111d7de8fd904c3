import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "#lib/env.ts";
import { keyName, keysOf } from "#lib/sealing.ts";
import type { InstallationSecrets } from "./secrets.ts";

/** Names of the encryption keys at hand, of the environment and of the data folder, which is not given any here. */
export async function keyNamesOf(
  env: Pick<Env, "dataDir" | "encryptionKey" | "oldEncryptionKeys">,
): Promise<string[]> {
  const given = env.encryptionKey === undefined ? env.oldEncryptionKeys : keysOf(env.encryptionKey);
  const text = await readFile(join(env.dataDir, "secrets.json"), "utf8").catch(() => "{}");
  const { encryptionKey, oldEncryptionKeys = [] }: Partial<InstallationSecrets> = JSON.parse(text);
  const kept = [encryptionKey, ...oldEncryptionKeys].filter((key) => key !== undefined);
  const names = [...given, ...kept.map((key) => Buffer.from(key, "hex"))].map(keyName);
  return [...new Set(names)];
}
