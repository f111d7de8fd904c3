import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCertificates, type ServerIdentity } from "#e2e/servers/certificates.ts";
import { type RunningProcess, startProcess } from "./process.ts";

/** The name bot servers are called by: server certificates are for it, and it resolves to this machine. */
export const botHost = "bot.test";

/** Where one set of servers runs: a folder of its own, certificates, and everything that was started in it. */
export type Place = {
  folder: string;
  /** PEM of the root that issued the certificates: what the sender trusts. */
  ca: string;
  /** Writes a file that the servers can read; gives its whole path. */
  write: (name: string, content: string | Buffer) => string;
  /** A folder that the servers can write to. */
  subfolder: (name: string) => string;
  /** Certificate chain and key as files of their own and in one. */
  identity: (name: string, identity: ServerIdentity) => IdentityFiles;
  run: (
    name: string,
    command: readonly string[],
    ports: readonly number[],
    options?: { cwd?: string; env?: NodeJS.ProcessEnv },
  ) => Promise<RunningProcess>;
  /** What `close` ends after the processes. */
  onClose: (end: () => unknown) => void;
  /** What the servers wrote. */
  logs: () => string;
  close: () => Promise<void>;
};

export type IdentityFiles = { cert: string; key: string; both: string };

export const certificates = createCertificates("Front ends");
const openPlaces = new Set<Place>();

export function createPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), "front-end-"));
  // The servers run as an ordinary user, also when the tests do not.
  chmodSync(folder, 0o777);
  const processes: RunningProcess[] = [];
  const ends: (() => unknown)[] = [];
  const write: Place["write"] = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    chmodSync(path, 0o644);
    return path;
  };
  const place: Place = {
    folder,
    ca: certificates.ca,
    write,
    subfolder: (name) => {
      const path = join(folder, name);
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o777);
      return path;
    },
    identity: (name, { cert, key }) => ({
      cert: write(`${name}.cert.pem`, cert),
      key: write(`${name}.key.pem`, key),
      both: write(`${name}.pem`, cert + key),
    }),
    run: async (name, command, ports, options = {}) => {
      const running = startProcess(name, command, { cwd: folder, ...options });
      processes.push(running);
      await running.listening(ports);
      return running;
    },
    onClose: (end) => ends.push(end),
    logs: () => processes.map(({ name, output }) => `--- ${name}\n${output()}`).join("\n"),
    close: async () => {
      openPlaces.delete(place);
      await Promise.all(processes.map((running) => running.stop()));
      for (const end of ends) await end();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  openPlaces.add(place);
  return place;
}

/** Ends what still runs, when the tests are told to stop. */
export async function closeAllPlaces(): Promise<void> {
  await Promise.all([...openPlaces].map((place) => place.close()));
}
