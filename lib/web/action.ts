import "server-only";
import { headers } from "next/headers";
import { unstable_rethrow } from "next/navigation";
import { getTranslations } from "next-intl/server";
import type { z } from "zod";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { AppError } from "#lib/app-error.ts";
import { env } from "#lib/env.ts";
import type { FormState } from "#lib/form-state.ts";
import { logDefect } from "./log.ts";
import { guardMutation } from "./origin.ts";
import { describeFields, describeRefusal } from "./refusal.ts";
import { requireUser } from "./session.ts";

type Outcome<T> = { message?: string; data?: T } | undefined;

/**
 * Makes a server action of a form. Every action is a public POST endpoint, so this one place looks at where it comes
 * from, who asks and what was sent, before `run` decides whether the person may. Refusals become the form's state.
 */
export function userAction<Schema extends z.ZodType, T = undefined>(
  schema: Schema,
  run: (context: { user: SessionUser; input: z.infer<Schema> }) => Promise<Outcome<T>>,
) {
  return formAction(schema, async (input) => run({ user: await requireUser(), input }));
}

/** The same for the few forms of people who are not signed in yet. */
export function visitorAction<Schema extends z.ZodType, T = undefined>(
  schema: Schema,
  run: (input: z.infer<Schema>) => Promise<Outcome<T>>,
) {
  return formAction(schema, run);
}

function formAction<Schema extends z.ZodType, T>(
  schema: Schema,
  run: (input: z.infer<Schema>) => Promise<Outcome<T>>,
) {
  return async (_previous: FormState<T>, form: FormData): Promise<FormState<T>> => {
    const refused = {
      status: "refused" as const,
      message: null,
      fieldErrors: {},
      values: typed(form),
    };
    try {
      guardMutation(await headers(), new URL(env().baseUrl).origin);
      const parsed = schema.safeParse(read(form));
      if (!parsed.success) return { ...refused, fieldErrors: await describeFields(parsed.error) };
      const outcome = await run(parsed.data);
      return {
        status: "done",
        message: outcome?.message ?? null,
        data: outcome?.data as T,
      };
    } catch (error) {
      // Redirects and "not found" are Next's own signals.
      unstable_rethrow(error);
      if (error instanceof AppError) return { ...refused, ...(await placeRefusal(error)) };
      return { ...refused, message: await reportDefect(error) };
    }
  };
}

/** A refusal with details belongs to its fields; one without to the whole form. */
async function placeRefusal(error: AppError) {
  const message = await describeRefusal(error);
  const field = error.details[0]?.property;
  return field === undefined
    ? { message, fieldErrors: {} }
    : { message: null, fieldErrors: { [field]: message } };
}

async function reportDefect(error: unknown): Promise<string> {
  const reference = logDefect(error, "an action failed");
  const t = await getTranslations("errors");
  return t("defect", { reference });
}

/** Fields as an object; a name that comes several times becomes a list. React's own fields are left out. */
function read(form: FormData): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    if (name.startsWith("$ACTION")) continue;
    const values = form.getAll(name);
    fields[name] = values.length > 1 ? values : values[0];
  }
  return fields;
}

const secretName = /password|secret|token/i;

function typed(form: FormData): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of form) {
    if (typeof value !== "string" || name.startsWith("$ACTION") || secretName.test(name)) continue;
    values[name] = value;
  }
  return values;
}
