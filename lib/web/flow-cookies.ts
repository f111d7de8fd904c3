import "server-only";
import { cookies } from "next/headers";
import { env } from "#lib/env.ts";

/** What a browser carries from one step of signing in to the next: a token that means nothing without the database. */
const flows = {
  /** The password was right (or a provider vouched); the code is still to come. */
  code: { name: "tocsin.code", seconds: 600 },
  /** A provider is to be linked to the person who is signed in. */
  link: { name: "tocsin.link", seconds: 600 },
  /** Where to go once signed in; a path of the console. */
  next: { name: "tocsin.next", seconds: 1_800 },
  /** What was typed into a form that was sent after its session had ended. */
  typed: { name: "tocsin.typed", seconds: 1_800 },
} as const;
type Flow = keyof typeof flows;

const secure = () => env().baseUrl.startsWith("https:");
// Browsers refuse the __Host- prefix on plain http.
const nameOf = (flow: Flow) => `${secure() ? "__Host-" : ""}${flows[flow].name}`;

export async function readFlow(flow: Flow): Promise<string | null> {
  return (await cookies()).get(nameOf(flow))?.value ?? null;
}

/** Only in actions and route handlers. */
export async function keepFlow(flow: Flow, value: string): Promise<void> {
  const options = { httpOnly: true, sameSite: "lax", path: "/", secure: secure() } as const;
  (await cookies()).set(nameOf(flow), value, { ...options, maxAge: flows[flow].seconds });
}

export async function dropFlow(flow: Flow): Promise<void> {
  (await cookies()).delete({ name: nameOf(flow), path: "/", secure: secure() });
}
