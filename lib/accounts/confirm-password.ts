import { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";
import { accountLimits } from "./limits.ts";
import { isPasswordRight } from "./passwords.ts";
import { forgetTries, takeTry } from "./rate-limit.ts";

/**
 * Asks for the own password again before what an open browser alone must not do. People who sign in with a provider only
 * have none and are let through.
 * @throws AppError rate_limited, invalid (at the field `currentPassword`).
 */
export async function confirmPassword(db: Db, userId: string, password: string): Promise<void> {
  const { passwordHash } = await db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { passwordHash: true },
  });
  if (passwordHash === null) return;
  await takeTry(db, accountLimits.password, userId);
  if (!(await isPasswordRight(passwordHash, password))) {
    throw new AppError("invalid", "The password is wrong.", {
      key: "password_wrong",
      details: [{ message: "is wrong", property: "currentPassword" }],
    });
  }
  await forgetTries(db, accountLimits.password, userId);
}
