import { databaseAgainSeconds } from "#lib/database-refusal.ts";
import { fullSeconds } from "#lib/live/schema.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { isLocale, preferredLocale } from "#lib/messages/locales.ts";
import { readAgainSeconds } from "#lib/reading/bounds.ts";
import { localeCookie } from "./cookies.ts";
import type { Pulse } from "./pulse.ts";
import { sessionIdIn } from "./session-id.ts";
import { sharedRooms } from "./shared-rooms.ts";

const livePath = /^\/console\/channel\/[^/]+\/statistics\/live$/;
/** Pages that read what grows: their own refusal costs a page each. */
const readingPath =
  /^\/console\/(channel\/[^/]+\/(statistics\/(errors|deliveries)|audit)|provider\/[^/]+\/audit|operations\/(users|providers|channels|outbox|audit))$/;

/** What answers for itself whatever the database does, or asks it itself: probes, and the files of public/. */
const withoutDatabase = /^\/(healthz|readyz|metrics|[\w-]+\.(svg|png|ico|txt|webmanifest))$/;
/** As much as next.config.ts lets a form be; past it Next answers 500 without a word. */
const formBytesMax = 1_048_576;

/**
 * Refuses pages while the database is silent, and one more of what a person has as much of as one may, before anything is
 * looked up, rendered or translated: from memory, by the session that the cookie names. Null when it is to be asked
 * properly; forms are unless they are too large, so that nobody loses what they typed. It lets nobody in: it only refuses.
 */
export async function refuseEarly(
  asked: Asked,
  { rooms, sessionIdOf }: Known = {
    rooms: sharedRooms,
    sessionIdOf: ({ headers }) => sessionIdIn(headers),
  },
): Promise<Response | null> {
  const { method, nextUrl } = asked;
  const { pathname } = nextUrl;
  if (method === "POST" && Number(asked.headers.get("content-length")) > formBytesMax) {
    return refuseForm(localeOf(asked));
  }
  if (method !== "GET") return null;
  if (!withoutDatabase.test(pathname) && (await rooms.tocsinPulse?.beats()) === false) {
    return refusePage(localeOf(asked), "away", databaseAgainSeconds);
  }
  const isLive = livePath.test(pathname);
  const room = isLive ? rooms.tocsinLiveHub : rooms.tocsinReading;
  if (room === undefined || !(isLive || readingPath.test(pathname))) return null;
  const sessionId = await sessionIdOf(asked);
  if (sessionId === null || !room.isFull(sessionId)) return null;
  const locale = localeOf(asked);
  return isLive ? refuseLive(locale) : refusePage(locale, "busy", readAgainSeconds);
}

function localeOf({ cookies, headers }: Asked): Language {
  const chosen = cookies.get(localeCookie)?.value;
  return isLocale(chosen) ? chosen : preferredLocale(headers.get("accept-language"));
}

/** As Next's proxy is given it. */
type Asked = {
  method: string;
  headers: Headers;
  cookies: { get: (name: string) => { value: string } | undefined };
  nextUrl: { pathname: string };
};

type Room = { isFull: (sessionId: string) => boolean };
type Known = {
  rooms: { tocsinLiveHub?: Room; tocsinReading?: Room; tocsinPulse?: Pulse };
  sessionIdOf: (asked: Asked) => Promise<string | null>;
};

type Language = Parameters<typeof messagesFor>[0];

export function refuseLive(locale: Language): Response {
  const message = messagesFor(locale).errors.live_full;
  return Response.json(
    { message },
    { status: 429, headers: { "cache-control": "no-store", "retry-after": String(fullSeconds) } },
  );
}

function refusePage(locale: Language, why: "busy" | "away", seconds: number): Response {
  const { title, again, ...words } = messagesFor(locale).common.notRead;
  const text = `${words[why]}</p><p><a href="">${again}</a>`;
  return plainPage(503, { locale, why, title, text }, { "retry-after": String(seconds) });
}

function refuseForm(locale: Language): Response {
  const { title, text } = messagesFor(locale).common.formTooLarge;
  return plainPage(413, { locale, why: "large", title, text }, {});
}

type Words = { locale: Language; why: string; title: string; text: string };

/** A page of its own without scripts, styles or anything from elsewhere; `text` is markup. */
function plainPage(
  status: number,
  { locale, why, title, text }: Words,
  headers: Record<string, string>,
): Response {
  const page = `<!doctype html>
<html lang="${locale}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<body data-${why}="early"><main role="alert"><h1>${title}</h1><p>${text}</p></main></body>
</html>
`;
  return new Response(page, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
  });
}
