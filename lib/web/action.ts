import "server-only";
import { headers } from "next/headers";
import { redirect, unstable_rethrow } from "next/navigation";
import { getTranslations } from "next-intl/server";
import type { z } from "zod";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { AppError } from "#lib/app-error.ts";
import type { TriedAction } from "#lib/audit/tried-action.ts";
import { env } from "#lib/env.ts";
import { formFieldsMax, readFields } from "#lib/form-fields.ts";
import type { FormState } from "#lib/form-state.ts";
import { readSubmissionKey } from "#lib/submissions/read-key.ts";
import { auditRefusal } from "./audit-refusal.ts";
import { database } from "./database.ts";
import { logDefect, refusalWhileAway } from "./log.ts";
import { signInPath } from "./next-path.ts";
import { guardMutation } from "./origin.ts";
import { describeFields, describeRefusal } from "./refusal.ts";
import { type ActionAnswer, runOnce } from "./run-once.ts";
import { askedPath, currentUser, requireSetUp } from "./session.ts";
import { forgetTyped, isOurs, keepTyped, typed } from "./typed.ts";

/**
 * Makes a server action of a form. Every action is a public POST endpoint, so this one place looks at where it comes
 * from, who asks and what was sent, before `run` decides whether the person may. Refusals become the form's state, and
 * an entry of the audit log by what `tried` names; fields that could not be understood do not. A form that is sent twice
 * is done once.
 */
export function userAction<Schema extends z.ZodType, T = undefined>(
  tried: TriedAction,
  schema: Schema,
  run: (context: { user: SessionUser; input: z.infer<Schema> }) => Promise<ActionAnswer<T>>,
) {
  return formAction(
    schema,
    async (input, form) => {
      const user = (await currentUser()) ?? (await keepForSignIn(form));
      // From here on the form itself has what was typed.
      await forgetTyped();
      const key = await readSubmissionKey(form);
      const once = () => run({ user, input });
      return key === null ? once() : runOnce(database().db, { userId: user.id, key }, once);
    },
    (thrown, fields) => auditRefusal(thrown, tried, fields),
  );
}

/**
 * For a form whose session is over. Where scripts run the page stays as it is, and so does what was typed: the person signs in
 * in another tab. Where none does, what was typed goes along, through sign-in and back to the page.
 * @throws AppError unauthenticated, or a redirect
 */
async function keepForSignIn(form: FormData): Promise<never> {
  await requireSetUp();
  if ((await headers()).has("next-action")) {
    throw new AppError("unauthenticated", "The session is over: sign in again.", {
      key: "signed_out",
    });
  }
  const path = await askedPath();
  if (path !== null) await keepTyped(path, form);
  redirect(signInPath(path));
}

/** The same for the few forms of people who are not signed in yet. */
export function visitorAction<Schema extends z.ZodType, T = undefined>(
  schema: Schema,
  run: (input: z.infer<Schema>) => Promise<ActionAnswer<T>>,
) {
  return formAction(schema, run);
}

function formAction<Schema extends z.ZodType, T>(
  schema: Schema,
  run: (input: z.infer<Schema>, form: FormData) => Promise<ActionAnswer<T>>,
  note: (thrown: unknown, fields: Fields) => Promise<void> = async () => undefined,
) {
  return async (_previous: FormState<T>, form: FormData): Promise<FormState<T>> => {
    const fields = readFields(form, isOurs);
    if (fields === null) return refuseLongForm();
    const refused = {
      status: "refused" as const,
      message: null,
      fieldErrors: {},
      values: typed(form),
    };
    try {
      guardMutation(await headers(), new URL(env().baseUrl).origin);
      const unstorable = await describeUnstorable(form);
      if (unstorable !== null) return { ...refused, fieldErrors: unstorable };
      const parsed = schema.safeParse(fields);
      if (!parsed.success) return { ...refused, fieldErrors: await describeFields(parsed.error) };
      const outcome = await run(parsed.data, form);
      return {
        status: "done",
        message: outcome?.message ?? null,
        data: outcome?.data as T,
      };
    } catch (error) {
      await note(error, fields);
      // Redirects and "not found" are Next's own signals.
      unstable_rethrow(error);
      const refusal = refusalWhileAway(error, "an action failed") ?? error;
      if (refusal instanceof AppError) return { ...refused, ...(await placeRefusal(refusal)) };
      return { ...refused, message: await reportDefect(error) };
    }
  };
}

type Fields = Readonly<Record<string, unknown>>;

async function refuseLongForm() {
  const t = await getTranslations("errors");
  return {
    status: "refused" as const,
    message: t("form_too_long", { max: formFieldsMax }),
    fieldErrors: {},
    values: {},
  };
}

/** No keyboard types a NUL, and PostgreSQL stores none; null where there is none. */
async function describeUnstorable(form: FormData): Promise<Record<string, string> | null> {
  const names = [...form].flatMap(([name, value]) =>
    typeof value === "string" && value.includes("\0") ? [name] : [],
  );
  if (names.length === 0) return null;
  const t = await getTranslations("errors.fields");
  return Object.fromEntries(names.map((name) => [name, t("invalid")]));
}

/** A refusal with details belongs to its fields; one without to the whole form. */
async function placeRefusal(error: AppError) {
  const message = await describeRefusal(error);
  const field = error.details[0]?.property;
  if (error.key === "signed_out") return { message, link: await linkToSignIn() };
  return field === undefined
    ? { message, fieldErrors: {} }
    : { message: null, fieldErrors: { [field]: message } };
}

async function linkToSignIn(): Promise<{ href: string; label: string }> {
  const t = await getTranslations("errors");
  return { href: signInPath(await askedPath()), label: t("sign_in_elsewhere") };
}

async function reportDefect(error: unknown): Promise<string> {
  const reference = logDefect(error, "an action failed");
  const t = await getTranslations("errors");
  return t("defect", { reference });
}
