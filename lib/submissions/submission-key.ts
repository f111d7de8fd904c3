/** The field of every form that a submit button puts there. */
export const submissionField = "submission";

/** 128 random bits; also where the console is reached by plain http, for which browsers have no randomUUID. */
export function newSubmissionKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
