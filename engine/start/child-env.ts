/** The environment that parts are started with: this process's own, and what the start command found out or made. */
export function childEnv(extra: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const merged: NodeJS.ProcessEnv = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...extra };
  for (const name of Object.keys(merged)) if (merged[name] === undefined) delete merged[name];
  return merged;
}

/** This process's environment, to be parsed by lib/env.ts together with a caller's own values. */
export const currentEnv = (): Record<string, string | undefined> => process.env;
