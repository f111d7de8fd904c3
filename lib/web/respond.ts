import "server-only";
import { unstable_rethrow } from "next/navigation";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { AppError, statusOf } from "#lib/app-error.ts";
import type { TriedAction } from "#lib/audit/tried-action.ts";
import { env } from "#lib/env.ts";
import { auditRefusal } from "./audit-refusal.ts";
import { logDefect, refusalWhileAway } from "./log.ts";
import { guardMutation } from "./origin.ts";
import { describeRefusal } from "./refusal.ts";
import { currentUser } from "./session.ts";

/**
 * Makes a route handler of the console for a signed-in person: looks at where a change comes from, who asks, and turns
 * refusals into JSON of the shape `{ message, details? }`, in the person's language where the catalogue has the refusal. Defects are logged and answered with a reference only.
 * `tried` is what a refusal is written into the audit log by; null for what neither changes, reveals nor takes out anything.
 */
export function userRoute<Context extends { params: Promise<Record<string, unknown>> }>(
  tried: TriedAction | null,
  run: (request: Request, user: SessionUser, context: Context) => Promise<Response>,
): (request: Request, context: Context) => Promise<Response> {
  return async (request, context) => {
    // Next answers HEAD by the GET handler and drops what it made, unread: a file's connection, a stream's place.
    if (request.method === "HEAD") {
      return new Response(null, {
        status: 405,
        headers: { allow: "GET", "cache-control": "no-store" },
      });
    }
    try {
      if (request.method !== "GET") {
        guardMutation(request.headers, new URL(env().baseUrl).origin);
      }
      const user = await currentUser();
      if (user === null) throw new AppError("unauthenticated", "Sign in first.");
      return await run(request, user, context);
    } catch (error) {
      // Next gives no params where the path has none, whatever its types say.
      if (tried !== null) await auditRefusal(error, tried, (await context.params) ?? {});
      unstable_rethrow(error);
      return respondWithError(error);
    }
  };
}

async function respondWithError(thrown: unknown): Promise<Response> {
  const error = refusalWhileAway(thrown, "a route failed") ?? thrown;
  if (error instanceof AppError) {
    const details = error.details.length > 0 ? { details: error.details } : {};
    const message = error.key === undefined ? error.message : await describeRefusal(error);
    return json(statusOf[error.code], { message, ...details }, retryAfter(error));
  }
  const reference = logDefect(error, "a route failed");
  return json(500, { message: `Something went wrong (reference ${reference}).` });
}

function retryAfter({ code, values }: AppError): Record<string, string> {
  const says = code === "rate_limited" || code === "unavailable";
  if (!says || values.seconds === undefined) return {};
  return { "retry-after": String(values.seconds) };
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}
