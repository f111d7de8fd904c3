import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { projectDir } from "./project-dir.ts";

export type PartOptions = {
  name: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Resolves when the part does its work. */
  ready: (child: ChildProcess) => Promise<void>;
  say: (line: string) => void;
  /** Told each line that it writes, on standard output or error; without it both go where ours go. */
  hear?: (line: string) => void;
};

/** A process of the product that is begun again when it ends by itself. */
export type Part = {
  name: string;
  ready: Promise<void>;
  pid: () => number | undefined;
  stop: () => Promise<void>;
};

const restartPausesMs = [200, 1_000, 5_000, 15_000];
/** A part that ran this long starts its pauses over. */
const steadyMs = 60_000;
const readyTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

/** Runs a part until `stop`. Only a failure of its very first start is an error; later ones are tried again for ever. */
export function runPart(options: PartOptions): Part {
  let child: ChildProcess | undefined;
  let stopping = false;
  const stopped = new AbortController();
  const { hear } = options;
  const output = hear === undefined ? "inherit" : "pipe";

  const begin = (): { ended: Promise<string>; ready: Promise<void> } => {
    const started = spawn(process.execPath, options.args, {
      cwd: projectDir,
      env: options.env,
      // Its own group: Ctrl-C reaches the start command, which stops the parts in order. The channel tells the part
      // when the start command is gone.
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
    });
    child = started;
    for (const input of [started.stdout, started.stderr]) {
      if (input !== null && hear !== undefined) createInterface({ input }).on("line", hear);
    }
    const ended = new Promise<string>((settle) => {
      started.once("error", (error) => settle(error.message));
      started.once("exit", (code, signal) => settle(signal ?? `code ${code}`));
    });
    const ready = Promise.race([
      options.ready(started),
      ended.then((how) => {
        throw new Error(`${options.name} stopped while starting (${how})`);
      }),
      pause(readyTimeoutMs, undefined, { ref: false }).then(() => {
        throw new Error(`${options.name} was not ready within ${readyTimeoutMs / 1_000} s`);
      }),
    ]);
    ready.catch(() => undefined);
    return { ended, ready };
  };

  const keepRunning = async (first: Promise<string>): Promise<void> => {
    let ended = first;
    for (let failures = 0; !stopping; failures += 1) {
      const since = performance.now();
      const how = await ended;
      if (stopping) return;
      if (performance.now() - since > steadyMs) failures = 0;
      options.say(`${options.name} stopped unexpectedly (${how}); starting it again`);
      const pauseMs = restartPausesMs[Math.min(failures, restartPausesMs.length - 1)];
      await pause(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (!stopping) ended = begin().ended;
    }
  };

  const { ended, ready } = begin();
  const kept = keepRunning(ended);
  return {
    name: options.name,
    ready,
    pid: () => child?.pid,
    stop: async () => {
      stopping = true;
      stopped.abort();
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        const current = child;
        const gone = new Promise<void>((settle) => current.once("exit", () => settle()));
        current.kill("SIGTERM");
        const late = setTimeout(() => current.kill("SIGKILL"), stopTimeoutMs);
        await gone;
        clearTimeout(late);
      }
      await kept;
    },
  };
}
