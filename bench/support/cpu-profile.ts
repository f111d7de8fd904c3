import type { Profiler } from "node:inspector";
import { Session } from "node:inspector/promises";

export type CpuProfile = Profiler.Profile;

/** Runs `work` under V8's profiler, for this process's main thread. */
export async function profiled<T>(
  work: () => Promise<T>,
): Promise<{ result: T; profile: CpuProfile }> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: 250 });
    await session.post("Profiler.start");
    const result = await work();
    return { result, profile: await stopped(session) };
  } finally {
    session.disconnect();
  }
}

/** V8's protocol answers this with the profile; of the types of Node 20 the first that fits answers with nothing. */
async function stopped(session: Session): Promise<CpuProfile> {
  const answer: unknown = await session.post("Profiler.stop");
  return (answer as Profiler.StopReturnType).profile;
}

/** Microseconds in which something itself was running, without what it called. */
export type SelfTime = { name: string; us: number };

/** Where nothing ran, and the profiler being asked for what it saw. */
const leftOut = (functionName: string, file: string) =>
  functionName === "(idle)" || (functionName === "dispatch" && file === "");

/** Self times by function and by package or folder, the largest first; idle time is left out. */
export function selfTimes(
  profile: CpuProfile,
  repository: string,
): { functions: SelfTime[]; places: SelfTime[] } {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const functions = new Map<string, number>();
  const places = new Map<string, number>();
  (profile.samples ?? []).forEach((id, index) => {
    const frame = nodes.get(id);
    if (frame === undefined) return;
    const us = profile.timeDeltas?.[index] ?? 0;
    const file = fileOf(frame.url, repository);
    if (leftOut(frame.functionName, file)) return;
    const name = frame.functionName === "" ? "(anonymous)" : frame.functionName;
    // What tsx compiled is one line.
    const line = frame.lineNumber === 0 ? "" : `:${frame.lineNumber + 1}`;
    const where = file === "" ? "" : ` ${file}${line}`;
    add(functions, name + where, us);
    add(places, placeOf(name, file), us);
  });
  return { functions: sorted(functions), places: sorted(places) };
}

const add = (to: Map<string, number>, name: string, us: number) =>
  void to.set(name, (to.get(name) ?? 0) + us);

const sorted = (times: ReadonlyMap<string, number>): SelfTime[] =>
  [...times].map(([name, us]) => ({ name, us })).sort((one, other) => other.us - one.us);

/** From the repository's root on; of packages, from node_modules on. */
function fileOf(url: string, repository: string): string {
  const path = url.replace(/^file:\/\//, "").replace(/\?.*$/, "");
  const inPackages = path.lastIndexOf("node_modules/");
  if (inPackages >= 0) return path.slice(inPackages);
  return path.startsWith(repository) ? path.slice(repository.length + 1) : path;
}

/** A package, two folders of the repository, a module of Node, or what V8 calls a part of itself. */
function placeOf(functionName: string, file: string): string {
  const parts = file.split("/");
  if (file.startsWith("node_modules/")) {
    const isScoped = parts[1]?.startsWith("@") ?? false;
    return parts.slice(0, isScoped ? 3 : 2).join("/");
  }
  if (file.startsWith("node:")) return "Node's own modules";
  if (file === "") return functionName.startsWith("(") ? functionName : "native code";
  return parts.slice(0, Math.min(2, parts.length - 1)).join("/");
}
