import type { z } from "zod";
import { AppError } from "#lib/app-error.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

const noJson = "The request body is not valid JSON in UTF-8";

/** A byte order mark before it is left out. @throws AppError invalid: bodies stay bytes until a route has checked who asks. */
export function readUtf8(body: Buffer | undefined): string {
  try {
    return utf8.decode(body ?? Buffer.alloc(0));
  } catch (cause) {
    throw new AppError("invalid", noJson, { cause });
  }
}

/** @throws AppError invalid */
export function parseJson(body: Buffer | undefined): unknown {
  const text = readUtf8(body);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid", noJson, { cause });
  }
}

/** A body or query of the given shape. @throws AppError invalid with what is wrong, for each property. */
export function readAs<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  const details = parsed.success ? unstorable(value) : parsed.error.issues.flatMap(describe);
  if (parsed.success && details.length === 0) return parsed.data;
  throw new AppError("invalid", "The request has errors", { details });
}

/** PostgreSQL stores no NUL in a text. Events are kept as JSON, which writes it as an escape. */
function unstorable(value: unknown): { message: string; property: string }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([property, text]) =>
    typeof text === "string" && text.includes("\0")
      ? [{ message: "must not contain the character U+0000", property }]
      : [],
  );
}

function describe(issue: z.core.$ZodIssue): { message: string; property: string }[] {
  const at = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      message: "is not a property that you can set",
      property: key,
    }));
  }
  return [{ message: sentence(issue), property: at }];
}

/** Refusals of the shared shapes are keys of the catalogue; zod's own are sentences already. */
function sentence(issue: z.core.$ZodIssue): string {
  const known: Record<string, string> = messagesFor("en").errors.fields;
  const text = known[issue.message];
  if (text === undefined) return issue.message;
  const max = issue.code === "too_big" ? String(issue.maximum) : "";
  const min = issue.code === "too_small" ? String(issue.minimum) : "";
  return text.replace("{max}", max).replace("{min}", min);
}
