import { z } from "zod";

/** Which webhook that was set aside an operator means. */
export const SetAsideForm = z.object({ id: z.uuid() });
