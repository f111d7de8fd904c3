export const localeCookie = "tocsin.locale";
export const themeCookie = "tocsin.theme";
export const yearSeconds = 31_536_000;
