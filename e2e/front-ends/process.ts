import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A server that was started for a test, with all the processes it started itself. */
export type RunningProcess = {
  name: string;
  pid: number;
  /** What it wrote to its standard output and error so far. */
  output: () => string;
  signal: (signal: NodeJS.Signals) => void;
  /** Waits until all ports take connections; throws with the output when it ended before. */
  listening: (ports: readonly number[]) => Promise<void>;
  stop: () => Promise<void>;
};

// Debian's user for processes that own nothing.
const nobody = 65_534;
const outputCharactersMax = 20_000;
const startMsMax = 30_000;
const stopMsMax = 5_000;

/** The environment in which Debian's servers are found by an ordinary user too. */
export function serverEnv(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: "C.UTF-8" };
}

/** Starts a program in a process group of its own; root starts it as `nobody`, so that one configuration serves both. */
export function startProcess(
  name: string,
  [command = "", ...args]: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): RunningProcess {
  const isRoot = process.getuid?.() === 0;
  // A file and no pipe: servers open /dev/stderr once more, as the user they run as.
  const logPath = join(options.cwd, `${name}.log`);
  const log = openSync(logPath, "a");
  chmodSync(logPath, 0o666);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...serverEnv(), HOME: options.cwd, TMPDIR: options.cwd, ...options.env },
    stdio: ["ignore", log, log],
    detached: true,
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  });
  closeSync(log);
  child.on("error", (error) => appendFileSync(logPath, String(error)));
  const output = () => readFileSync(logPath, "utf8").slice(-outputCharactersMax);
  const pid = child.pid ?? 0;
  return {
    name,
    pid,
    output,
    signal: (signal) => void process.kill(pid, signal),
    listening: (ports) => untilListening(child, ports, () => `${name} did not start:\n${output()}`),
    stop: () => stop(child),
  };
}

async function untilListening(
  child: ChildProcess,
  ports: readonly number[],
  problem: () => string,
): Promise<void> {
  const until = performance.now() + startMsMax;
  for (const port of ports) {
    while (!(await accepts(port))) {
      const isGone = child.exitCode !== null || child.signalCode !== null || !child.pid;
      if (isGone || performance.now() > until) throw new Error(problem());
      await wait(10);
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      settle(true);
    });
    socket.once("error", () => settle(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (!child.pid) return;
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM");
    const gone = once(child, "exit");
    await Promise.race([gone, wait(stopMsMax, null, { ref: false })]);
  }
  try {
    // What it left behind, such as workers that wait for open connections.
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The whole group has ended.
  }
}
