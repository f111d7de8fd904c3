import { scriptCookie, scriptCookieSeconds } from "#lib/web/cookies.ts";

// Says that scripts run here: without them the server sends pages whole (lib/web/has-script.ts).
// biome-ignore lint/suspicious/noDocumentCookie: the other way to write one is not there on plain http.
document.cookie = `${scriptCookie}=1; path=/; max-age=${scriptCookieSeconds}; samesite=lax`;

// Next runs this before any component. zod tries whether it may make code from text, which the Content-Security-Policy forbids and
// browsers report; told so beforehand, in the global that it reads, it does not try. Not by import: most pages need no zod.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
