export const localeCookie = "tocsin.locale";
export const themeCookie = "tocsin.theme";
/** Set by the browser's own scripts, so it says that there are some. */
export const scriptCookie = "tocsin.script";
export const scriptCookieSeconds = 3_600;
export const yearSeconds = 31_536_000;
