import type { SignInProvider } from "./schema.ts";

/** A configured provider; `issuer` of an OpenID Connect provider of the operator's own choice, else null. */
export type ProviderSettings = SignInProvider & {
  clientId: string;
  clientSecret: string;
  issuer: string | null;
  /** Where its sign-in page lies: forms may lead there. */
  origin: string;
};

type Given = {
  AUTH_OIDC_ISSUER?: string | undefined;
  AUTH_OIDC_NAME: string;
} & Partial<
  Record<`AUTH_${"OIDC" | "GITHUB" | "GOOGLE" | "LINE"}_${"ID" | "SECRET"}`, string | undefined>
>;

const known = [
  ["OIDC", "oidc", "", ""],
  ["GOOGLE", "google", "Google", "https://accounts.google.com"],
  ["LINE", "line", "LINE", "https://access.line.me"],
  ["GITHUB", "github", "GitHub", "https://github.com"],
] as const;

/** The providers whose variables are set; a problem for each that is set by half. */
export function readProviders(given: Given): {
  providers: ProviderSettings[];
  problems: string[];
} {
  const providers: ProviderSettings[] = [];
  const problems: string[] = [];
  for (const [prefix, id, name, origin] of known) {
    const clientId = given[`AUTH_${prefix}_ID`];
    const clientSecret = given[`AUTH_${prefix}_SECRET`];
    const issuer = id === "oidc" ? (given.AUTH_OIDC_ISSUER ?? null) : null;
    const isOidc = id === "oidc";
    const parts = [clientId, clientSecret, ...(isOidc ? [issuer] : [])];
    const count = parts.filter((part) => part !== undefined && part !== null).length;
    if (count === 0) continue;
    if (clientId === undefined || clientSecret === undefined || count < parts.length) {
      problems.push(halfSet(prefix, isOidc));
      continue;
    }
    const shown = issuer === null ? { name, origin } : ownProvider(given.AUTH_OIDC_NAME, issuer);
    providers.push({ id, clientId, clientSecret, issuer, ...shown });
  }
  return { providers, problems };
}

const ownProvider = (name: string, issuer: string) => ({ name, origin: new URL(issuer).origin });

const halfSet = (prefix: string, isOidc: boolean): string =>
  `AUTH_${prefix}_ID${isOidc ? "," : " and"} AUTH_${prefix}_SECRET${isOidc ? " and AUTH_OIDC_ISSUER" : ""} must be set together.`;
