import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { parseJson } from "#lib/json-text/parse-json.ts";
import type { BodyReading, FormReading, SecretReading, SignatureReading } from "./schema.ts";
import { standardWebhooksSecret } from "./signature.ts";

export type SignatureQuestion = {
  /** As the bot server read it. What a browser's form has sent has CR LF for each end of a line: it is taken as LF. */
  body: string;
  /** The header's value, or what the bot's own code made. */
  signature: string;
  channelId: string;
  secret: string;
  /** That which signs beside it while two overlap. */
  nextSecret: string | null;
};

/**
 * Finds how a signature of a webhook came about, when it is not the right one: each usual mistake with the body, the secret and
 * the form is tried, alone and with others, the fewest first. Null when none of them leads to it.
 */
export function diagnoseSignature(question: SignatureQuestion): SignatureReading | null {
  const wanted = unwrapped(question.signature);
  const found: SignatureReading[] = [];
  const secrets = [...readSecret(question)];
  for (const [body, bytes] of readBody(question.body.replaceAll("\r\n", "\n"))) {
    for (const [secret, key] of secrets) {
      for (const [form, made] of readForm(key, bytes, secret === "as_given")) {
        if (isSame(made, form, wanted)) found.push({ body, secret, form });
      }
    }
  }
  return found.sort((one, other) => mistakes(one) - mistakes(other))[0] ?? null;
}

/** Nothing is wrong with it. */
export function isRight({ body, secret, form }: SignatureReading): boolean {
  return body === "as_given" && secret === "as_given" && form === "as_documented";
}

function mistakes({ body, secret, form }: SignatureReading): number {
  return [body !== "as_given", secret !== "as_given", form !== "as_documented"].filter(Boolean)
    .length;
}

/** Without what is copied along: the header's name, quotes, the name of the hash. */
function unwrapped(signature: string): string {
  return signature
    .trim()
    .replace(/^x-line-signature\s*:\s*/i, "")
    .replace(/^["'](.*)["']$/, "$1")
    .replace(/^sha(1|256|512)=(?=.)/i, "");
}

function* readBody(body: string): Generator<[BodyReading, Buffer]> {
  const as = (reading: BodyReading, text: string): [BodyReading, Buffer] => [
    reading,
    Buffer.from(text, "utf8"),
  ];
  yield as("as_given", body);
  yield as("newline_added", `${body}\n`);
  if (/\s$/.test(body)) yield as("newline_removed", body.trimEnd());
  if (body.includes("\n")) yield as("crlf", body.replaceAll("\n", "\r\n"));
  yield as("byte_order_mark", `\uFEFF${body}`);
  const parsed = parseJson(body);
  if (parsed !== null) {
    const plain = JSON.stringify(parsed);
    yield as("reserialized", plain);
    yield as("reserialized_spaced", spaced(parsed));
    yield as("reserialized_ascii", escaped(plain));
    yield as("reserialized_ascii", escaped(spaced(parsed)));
    yield as("reserialized_slashes", escaped(plain.replaceAll("/", "\\/")));
    for (const indent of [2, 4, "\t"]) {
      yield as("reserialized_indented", JSON.stringify(parsed, null, indent));
    }
  }
  yield as("parsed_object", "[object Object]");
  yield as("empty", "");
  yield as("empty", "{}");
}

/** As Python's `json.dumps` writes it, a space after each comma and colon. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(
      ([name, inner]) => `${JSON.stringify(name)}: ${spaced(inner)}`,
    );
    return `{${fields.join(", ")}}`;
  }
  return JSON.stringify(value);
}

/** Everything beyond ASCII as `\uXXXX`, as Python's and PHP's encoders write it by default. */
function escaped(json: string): string {
  return json.replaceAll(
    /[\u0080-\uFFFF]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function* readSecret(question: SignatureQuestion): Generator<[SecretReading, Buffer]> {
  const { secret, nextSecret, channelId } = question;
  yield ["as_given", Buffer.from(secret)];
  if (nextSecret !== null) yield ["next", Buffer.from(nextSecret)];
  for (const [before, after] of [
    ["", "\n"],
    ["", " "],
    [" ", ""],
    ["", "\r"],
    ["", "\r\n"],
    ['"', '"'],
  ]) {
    yield ["padded", Buffer.from(before + secret + after)];
  }
  yield ["upper_case", Buffer.from(secret.toUpperCase())];
  yield ["hex_decoded", Buffer.from(secret, "hex")];
  yield ["base64_decoded", Buffer.from(secret, "base64")];
  yield ["standard_webhooks", Buffer.from(standardWebhooksSecret(secret))];
  yield ["channel_id", Buffer.from(channelId)];
  yield ["none", Buffer.alloc(0)];
}

/** Other hashes are tried with the right secret alone: each of them costs another pass over the body. */
function* readForm(
  key: Buffer,
  body: Buffer,
  withOtherHashes: boolean,
): Generator<[FormReading, string]> {
  const digest = (hash: string) => createHmac(hash, key).update(body).digest();
  const right = digest("sha256");
  const [base64, hex] = [right.toString("base64"), right.toString("hex")];
  yield ["as_documented", base64];
  yield ["without_padding", base64.replaceAll("=", "")];
  yield ["base64url", right.toString("base64url")];
  yield ["hex", hex];
  yield ["hex_in_base64", Buffer.from(hex).toString("base64")];
  if (!withOtherHashes) return;
  for (const hash of ["sha1", "sha512"] as const) {
    yield [hash, digest(hash).toString("base64")];
    yield [hash, digest(hash).toString("hex")];
  }
  yield ["not_keyed", createHash("sha256").update(key).update(body).digest("base64")];
}

function isSame(made: string, form: FormReading, wanted: string): boolean {
  const given = alike(form, wanted);
  const [one, other] = [Buffer.from(made), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Hex is written in small letters or capitals, base64url with padding or without. */
function alike(form: FormReading, wanted: string): string {
  if (/^[0-9a-f]+$/i.test(wanted)) return wanted.toLowerCase();
  return form === "base64url" ? wanted.replace(/=+$/, "") : wanted;
}
