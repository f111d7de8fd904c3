import "server-only";
import NextAuth, { CredentialsSignin, type NextAuthConfig } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { signInWithPassword } from "#lib/accounts/commands.ts";
import { SignInForm } from "#lib/accounts/schema.ts";
import { sessionLifeMs } from "#lib/accounts/sessions.ts";
import { AppError } from "#lib/app-error.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { database } from "./database.ts";
import { consoleLog } from "./log.ts";
import { visitorOf } from "./visitor.ts";

/** The refusal a sign-in form has to show, carried through next-auth. */
export class SignInRefused extends CredentialsSignin {
  readonly refusal: AppError;
  constructor(refusal: AppError) {
    super();
    this.refusal = refusal;
    this.code = refusal.code;
  }
}

const credentials = Credentials({
  credentials: { email: {}, password: { type: "password" } },
  authorize: async (raw, request) => {
    const form = SignInForm.safeParse(raw);
    if (!form.success) return null;
    try {
      const visitor = visitorOf(request.headers, env().trustedProxy);
      const { userId, sessionId } = await signInWithPassword(database().db, form.data, visitor);
      return { id: userId, sessionId };
    } catch (error) {
      if (error instanceof AppError) throw new SignInRefused(error);
      throw error;
    }
  },
});

/**
 * next-auth, configured on first use. The cookie is an encrypted JWT that carries nothing but a random session id; the
 * session itself is a row that currentUser() looks up on each request, so it can be revoked at once.
 */
function config(): NextAuthConfig {
  const { authSecret, baseUrl } = runtimeEnv();
  const secure = baseUrl.startsWith("https:");
  return {
    secret: authSecret,
    trustHost: true,
    providers: [credentials],
    pages: { signIn: "/sign-in" },
    session: { strategy: "jwt", maxAge: sessionLifeMs / 1_000 },
    useSecureCookies: secure,
    cookies: {
      sessionToken: {
        // Browsers refuse the __Host- prefix on plain http.
        name: secure ? "__Host-tocsin.session" : "tocsin.session",
        options: { httpOnly: true, sameSite: "lax", path: "/", secure },
      },
    },
    callbacks: {
      jwt: ({ token, user }) => ({ sid: sessionIdOf(user) ?? sessionIdOf(token) }),
      session: ({ session, token }) => ({
        expires: session.expires,
        sessionId: sessionIdOf(token) ?? null,
      }),
    },
    logger: {
      error: (error) => {
        // Neither a wrong password nor a cookie of an older AUTH_SECRET is a defect.
        const expected = error instanceof CredentialsSignin || error.name === "JWTSessionError";
        consoleLog()[expected ? "debug" : "error"]({ err: error }, "sign-in");
      },
      warn: (code) => consoleLog().debug({ code }, "sign-in"),
      debug: () => undefined,
    },
  };
}

/** Reads `sid` of a token or `sessionId` of what authorize() returned; both are next-auth's open records. */
function sessionIdOf(source: object | undefined): string | undefined {
  if (source === undefined) return undefined;
  const { sid, sessionId } = source as { sid?: unknown; sessionId?: unknown };
  const id = sid ?? sessionId;
  return typeof id === "string" ? id : undefined;
}

export const { auth, signIn, signOut } = NextAuth(config);
