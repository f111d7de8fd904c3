import { randomBytes } from "node:crypto";

/** The secrets that went through the product, by what each is. */
export type Secrets = Map<string, string>;

/** That a secret stands where none may. `context` has names instead of values. */
type Finding = { secret: string; place: string; context: string };

const contextLength = 60;

/** A word that stands nowhere else. */
export const canary = (): string => `canary${randomBytes(12).toString("hex")}`;

/** Remembers a secret. @throws Error when it is empty or too short to be told from other text. */
export function keepSecret(secrets: Secrets, name: string, value: string | null | undefined): void {
  if (value === null || value === undefined || value.length < 12) {
    throw new Error(`The test did not get hold of ${name}`);
  }
  secrets.set(name, value);
}

/** Where in a text secrets stand, in any spelling. */
export function findSecrets(secrets: Secrets, place: string, text: string): Finding[] {
  const lower = text.toLowerCase();
  const found = [...secrets].filter(([, value]) =>
    spellings(value).some((spelling) => lower.includes(spelling)),
  );
  if (found.length === 0) return [];
  const masked = mask(secrets, lower);
  return found.map(([secret]) => {
    const at = Math.max(0, masked.indexOf(`<${secret}>`) - contextLength);
    return { secret, place, context: masked.slice(at, at + 2 * contextLength + secret.length) };
  });
}

export const describeFindings = (findings: readonly Finding[]): string[] =>
  findings.map(({ secret, place, context }) => `${secret} stands in ${place}: ${context}`);

function mask(secrets: Secrets, lower: string): string {
  let masked = lower;
  // Long ones first: a link's token is part of nothing, but an id may be part of a cookie.
  const byLength = [...secrets].sort(([, a], [, b]) => b.length - a.length);
  for (const [name, value] of byLength) {
    for (const spelling of spellings(value)) masked = masked.replaceAll(spelling, `<${name}>`);
  }
  return masked;
}

const known = new Map<string, readonly string[]>();

/** As `spell`; each secret is spelled once, and looked for in every cell of every table. */
function spellings(secret: string): readonly string[] {
  const made = known.get(secret) ?? spell(secret);
  known.set(secret, made);
  return made;
}

/** As it is, in an address, in JSON, in hexadecimal (as PostgreSQL shows bytes), and in base64 anywhere in a longer text. */
function spell(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const all = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("hex"),
    ...[0, 1, 2].map((offset) => base64Within(bytes, offset)),
  ];
  return [...new Set(all.map((spelling) => spelling.toLowerCase()))];
}

/** What base64 makes of the bytes whatever stands `offset` bytes before and after them. */
function base64Within(bytes: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
  const text = whole.toString("base64").replace(/=+$/, "");
  const end = whole.length % 3 === 0 ? text.length : text.length - 1;
  return text.slice(offset === 0 ? 0 : offset + 1, end);
}
