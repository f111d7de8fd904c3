import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ServerIdentity } from "#e2e/servers/certificates.ts";

/** Where install.sh has put the servers. */
export const serversDir = process.env.MAIL_SERVERS_DIR ?? "/var/cache/tocsin-mail-servers";

/** A folder that a server takes for the whole machine: its accounts, names, configuration and spool are its own. */
export type RootFolder = {
  path: string;
  write: (file: string, text: string, mode?: number) => Promise<void>;
  folder: (path: string, owner?: Account, mode?: number) => Promise<void>;
  read: (file: string) => Promise<string>;
  /** Starts a program in it and waits until its port answers. */
  start: (program: string, args: readonly string[], port: number) => Promise<void>;
  /** What the programs wrote so far. */
  said: () => string;
  /** A certificate for 127.0.0.1 that nobody signed, as a package makes one; RSA, which every server here takes. */
  makeCertificate: () => Promise<ServerIdentity>;
  remove: () => Promise<void>;
};

export const accounts = {
  root: 0,
  opensmtpd: 701,
  opensmtpq: 702,
  postfix: 703,
  postdrop: 704,
  "Debian-exim": 705,
  dovecot: 706,
  dovenull: 707,
  /** Owns the mailboxes. */
  vmail: 1001,
} as const;
export type Account = keyof typeof accounts;

/** A nameserver of resolv.conf has no port, so it has an address of its own: two runs at once have two. */
export const nameServer = `127.${randomInt(1, 255)}.${randomInt(255)}.53`;

export async function createRootFolder(): Promise<RootFolder> {
  const path = await mkdtemp(join(tmpdir(), "tocsin-mail-servers-"));
  await chmod(path, 0o755);
  await cp(serversDir, path, { recursive: true, verbatimSymlinks: true });
  const said: Buffer[] = [];
  const children: ReturnType<typeof spawn>[] = [];
  const root: RootFolder = {
    path,
    write: async (file, text, mode = 0o644) => {
      await mkdir(dirname(join(path, file)), { recursive: true });
      await writeFile(join(path, file), text, { mode });
    },
    folder: async (folder, owner = "root", mode = 0o755) => {
      await mkdir(join(path, folder), { recursive: true });
      await chown(join(path, folder), accounts[owner], accounts[owner]);
      await chmod(join(path, folder), mode);
    },
    read: (file) => readFile(join(path, file), "utf8").catch(() => ""),
    start: async (program, args, port) => {
      // A group of its own: servers start others, and all of them end together.
      const child = spawn("chroot", [path, program, ...args], {
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      });
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (text) => said.push(text));
      children.push(child);
      await listens(port, () => {
        if (child.exitCode === null) return;
        throw new Error(`${program} ended with ${child.exitCode}: ${root.said()}`);
      });
    },
    said: () => Buffer.concat(said).toString(),
    makeCertificate: async () => {
      await root.write("/etc/ssl/request.cnf", "[req]\ndistinguished_name = dn\n[dn]\n");
      const out = ["-keyout", "/etc/ssl/house.key", "-out", "/etc/ssl/house.crt", "-days", "30"];
      const subject = ["-subj", "/CN=mx.example.com", "-addext", "subjectAltName=IP:127.0.0.1"];
      const request = ["-x509", "-newkey", "rsa:2048", "-nodes", "-config", "/etc/ssl/request.cnf"];
      const args = [path, "/usr/bin/openssl", "req", ...request, ...out, ...subject];
      execFileSync("chroot", args, { stdio: "ignore" });
      return {
        key: await root.read("/etc/ssl/house.key"),
        cert: await root.read("/etc/ssl/house.crt"),
      };
    },
    remove: async () => {
      await Promise.all(children.map(end));
      // A delivery in a session of its own outlives its server for a moment, and may write while its folder goes.
      await rm(path, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  await furnish(root);
  return root;
}

async function furnish(root: RootFolder): Promise<void> {
  for (const folder of ["/tmp", "/dev", "/run", "/var/run", "/var/spool", "/var/lib", "/var/log"]) {
    await root.folder(folder);
  }
  await chmod(join(root.path, "tmp"), 0o1777);
  for (const [name, minor] of [
    ["null", "3"],
    ["zero", "5"],
    ["random", "8"],
    ["urandom", "9"],
  ] as const) {
    execFileSync("mknod", ["-m", "666", join(root.path, "dev", name), "c", "1", minor]);
  }
  const names = Object.entries(accounts);
  const lines = names.map(([name, id]) => `${name}:x:${id}:${id}::/nonexistent:/bin/false\n`);
  await root.write(
    "/etc/passwd",
    `${lines.join("")}nobody:x:65534:65534::/nonexistent:/bin/false\n`,
  );
  const groups = names.map(([name, id]) => `${name}:x:${id}:\n`);
  await root.write("/etc/group", `${groups.join("")}mail:x:8:\nnogroup:x:65534:\n`);
  await root.write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
  await root.write("/etc/hosts", "127.0.0.1 localhost\n");
  await root.write("/etc/resolv.conf", `nameserver ${nameServer}\noptions timeout:2 attempts:1\n`);
  await root.folder("/var/mail", "vmail");
}

const deadlineMs = 120_000;

async function listens(port: number, look: () => void): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    look();
    if (await answers(port)) return;
    if (Date.now() > deadline) throw new Error(`Nothing listens on port ${port}.`);
    await new Promise((settle) => setTimeout(settle, 50));
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const opened = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return opened;
}

/** Ends it and everything that it started. */
async function end(child: ReturnType<typeof spawn>): Promise<void> {
  if (child.pid === undefined) return;
  const ended = child.exitCode === null ? once(child, "exit") : Promise.resolve();
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      return;
    }
    await Promise.race([ended, new Promise((settle) => setTimeout(settle, 2_000))]);
  }
}
