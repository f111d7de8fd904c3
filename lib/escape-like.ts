/** A text to be found as it was typed by `like` of PostgreSQL, also by Prisma's `contains`, which escapes nothing itself. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");
