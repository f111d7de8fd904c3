/** Whether Prisma refused a write because of a unique index: somebody else was there first. */
export function isUniqueConflict(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "P2002";
}
