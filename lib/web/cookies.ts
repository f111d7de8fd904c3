export const localeCookie = "tocsin.locale";
export const yearSeconds = 31_536_000;
