/** More is a mistake in pasting, and each of some hundred readings goes through all of it. */
export const diagnosedBodyLengthMax = 100_000;

/** What was done with the body that was signed; `as_given` is the right one. */
export const bodyReadings = [
  "as_given",
  "newline_added",
  "newline_removed",
  "crlf",
  "byte_order_mark",
  "reserialized",
  "reserialized_spaced",
  "reserialized_ascii",
  "reserialized_slashes",
  "reserialized_indented",
  "parsed_object",
  "empty",
] as const;
export type BodyReading = (typeof bodyReadings)[number];

/** What it was signed with; `as_given` is the right one. */
export const secretReadings = [
  "as_given",
  "next",
  "padded",
  "upper_case",
  "hex_decoded",
  "base64_decoded",
  "standard_webhooks",
  "channel_id",
  "none",
] as const;
export type SecretReading = (typeof secretReadings)[number];

/** How the signature was made and written; `as_documented` is the right one. */
export const formReadings = [
  "as_documented",
  "without_padding",
  "base64url",
  "hex",
  "hex_in_base64",
  "sha1",
  "sha512",
  "not_keyed",
] as const;
export type FormReading = (typeof formReadings)[number];

/** How a signature comes about. All three as they should be: it is the right one. */
export type SignatureReading = { body: BodyReading; secret: SecretReading; form: FormReading };
