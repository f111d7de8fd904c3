// Apart from the schemas, which need zod: the frame around every page has a switch for it.

/** `system` follows the device. */
export const themes = ["light", "dark", "system"] as const;
export type Theme = (typeof themes)[number];
