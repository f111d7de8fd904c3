import "server-only";
import NextAuth, {
  type Account,
  AuthError,
  CredentialsSignin,
  type NextAuthConfig,
  type Profile,
  type User,
} from "next-auth";
import Credentials from "next-auth/providers/credentials";
import type { SignInResult } from "#lib/accounts/begin-session.ts";
import { signInWithPassword } from "#lib/accounts/commands.ts";
import type { PostAccountMail } from "#lib/accounts/mail.ts";
import { CodeForm, SignInForm } from "#lib/accounts/schema.ts";
import { sessionLifeMs } from "#lib/accounts/sessions.ts";
import { signInWithCode } from "#lib/accounts/sign-in-with-code.ts";
import { AppError } from "#lib/app-error.ts";
import { logFailure } from "#lib/database-log.ts";
import { env, runtimeEnv, tellNextAuthItsUrl } from "#lib/env.ts";
import { database } from "./database.ts";
import { consoleLog, refusalWhileAway } from "./log.ts";
import { nextAuthProvider } from "./providers.ts";
import { isSecure, sessionCookie } from "./session-id.ts";
import { chooseTaste } from "./taste.ts";
import { visitorOf } from "./visitor.ts";
import { welcome } from "./welcome.ts";

/** The refusal a sign-in form has to show, carried through next-auth. */
export class SignInRefused extends CredentialsSignin {
  readonly refusal: AppError;
  constructor(refusal: AppError) {
    super();
    this.refusal = refusal;
    this.code = refusal.code;
  }
}

/** The password was right; a code of the second factor is still to come. */
export class CodeNeeded extends CredentialsSignin {
  readonly challenge: string;
  constructor(challenge: string) {
    super();
    this.challenge = challenge;
    this.code = "code_needed";
  }
}

const password = Credentials({
  credentials: { email: {}, password: { type: "password" } },
  authorize: (raw, request) =>
    attempt(SignInForm.safeParse(raw).data, (form) =>
      signInWithPassword(
        database().db,
        form,
        visitorOf(request.headers, env().visitorAddressHeader),
      ),
    ),
});

const code = Credentials({
  id: "code",
  credentials: { challenge: {}, code: {} },
  authorize: (raw, request) =>
    attempt(CodeForm.safeParse(raw).data, async (form) => {
      const visitor = visitorOf(request.headers, env().visitorAddressHeader);
      return signInWithCode(database().db, runtimeEnv().encryptionKey, form, visitor);
    }),
});

async function attempt<Form>(
  form: Form | undefined,
  signIn: (form: Form) => Promise<SignInResult>,
): Promise<{ id: string; sessionId: string } | null> {
  if (form === undefined) return null;
  try {
    const result = await signIn(form);
    if (result.kind === "code_needed") throw new CodeNeeded(result.challenge);
    await chooseTaste(result.taste);
    return { id: result.userId, sessionId: result.sessionId };
  } catch (error) {
    // next-auth wraps whatever else comes: nobody would know it again.
    const refusal = error instanceof AppError ? error : refusalWhileAway(error, "a sign-in failed");
    if (refusal !== null) throw new SignInRefused(refusal);
    throw error;
  }
}

/** Ten years: longer than any clock is wrong. */
const sealSeconds = 10 * 365 * 86_400;

/** Decides about who comes back from a provider, as `welcome`. */
type ComeBack = (
  user: User,
  account: Account,
  profile: Profile | undefined,
) => Promise<boolean | string>;

/**
 * next-auth, configured on first use. The cookie is an encrypted JWT that carries nothing but a random session id; the
 * session itself is a row that currentUser() looks up on each request, so it can be revoked at once, whoever vouched for
 * the person.
 */
function config(comeBack: ComeBack): NextAuthConfig {
  tellNextAuthItsUrl();
  const { authSecret, signInProviders } = runtimeEnv();
  const secure = isSecure();
  return {
    secret: authSecret,
    trustHost: true,
    basePath: "/api/auth",
    providers: [password, code, ...signInProviders.map(nextAuthProvider)],
    pages: { signIn: "/sign-in", error: "/sign-in" },
    session: { strategy: "jwt", maxAge: sessionLifeMs / 1_000 },
    // When a session is over its row says, by the database's clock; the seal around its id must not, by a console's.
    jwt: { maxAge: sealSeconds },
    useSecureCookies: secure,
    cookies: {
      sessionToken: {
        name: sessionCookie(),
        options: { httpOnly: true, sameSite: "lax", path: "/", secure },
      },
    },
    callbacks: {
      signIn: ({ user, account, profile }) =>
        account == null || account.type === "credentials" || comeBack(user, account, profile),
      jwt: ({ token, user }) => ({ sid: sessionIdOf(user) ?? sessionIdOf(token) }),
    },
    logger: {
      error: logSignInError,
      warn: (code) => consoleLog().debug({ code }, "sign-in"),
      debug: () => undefined,
    },
  };
}

/**
 * Neither a wrong password, nor a cookie of an older AUTH_SECRET, nor an answer of a provider that this browser did not ask
 * for is a defect.
 */
function logSignInError(error: Error): void {
  const log = consoleLog();
  // Its code alone: what is thrown to ask for a code of the second factor carries a token.
  if (error instanceof CredentialsSignin) log.debug({ code: error.code }, "sign-in");
  // By its type, as a build shortens the names of classes.
  else if (error instanceof AuthError && expectedErrors.has(error.type)) {
    log.debug({ code: error.type }, "sign-in");
  } else logFailure(log, thrownBehind(error), "sign-in");
}

const expectedErrors: ReadonlySet<string> = new Set(["JWTSessionError", "InvalidCheck"]);

/** next-auth wraps what went wrong in an error that says nothing of it. */
function thrownBehind(error: Error): unknown {
  const { cause } = error;
  return typeof cause === "object" && cause !== null && "err" in cause ? cause.err : error;
}

/** Reads `sid` of a token or `sessionId` of what was signed in; both are next-auth's open records. */
function sessionIdOf(source: object | undefined): string | undefined {
  if (source === undefined) return undefined;
  const { sid, sessionId } = source as { sid?: unknown; sessionId?: unknown };
  const id = sid ?? sessionId;
  return typeof id === "string" ? id : undefined;
}

/** Nobody comes back from a provider by way of a form. */
export const { signIn, signOut } = NextAuth(() => config(async () => false));

/** Answers the addresses that providers send people back to. Mails are rendered outside of lib, hence `post`. */
export const callbackHandlers = (post: PostAccountMail) =>
  NextAuth(() => config((user, account, profile) => welcome(post, user, account, profile)))
    .handlers;
