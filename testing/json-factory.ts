import fc from "fast-check";

const blank = fc.stringMatching(/^[ \t\r\n]{0,2}$/);
const number = fc.oneof(
  fc.constantFrom("-0", "0", "1e400", "-1E+400", "12345678901234567890", "1.50", "0e-0", "1E+2"),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?$/),
);
const character = fc.oneof(
  fc
    .string({ unit: "binary", minLength: 1, maxLength: 1 })
    .map((one) => JSON.stringify(one).slice(1, -1)),
  fc.constantFrom("\\/", "\\\\", '\\"', "\\b", "[", "]", "{", "}", ",", ":", " ", "\u2028"),
  fc.stringMatching(/^\\u[0-9a-fA-F]{4}$/),
);
const text = fc.array(character, { maxLength: 8 }).map((all) => `"${all.join("")}"`);

const spaced = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(blank, value, blank).map((parts) => parts.join(""));

/**
 * JSON texts in every spelling that the grammar allows: numbers that no double holds, needless escapes, lone surrogates,
 * equal keys, blanks. It begins and ends with a token.
 */
export const anyJson: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(fc.constantFrom("null", "true", "false", "[]", "{}", "[ ]", "{\n}"), number, text),
    fc.array(spaced(tie("value")), { maxLength: 4 }).map((all) => `[${all}]`),
    fc
      .array(fc.tuple(spaced(text), spaced(tie("value"))), { maxLength: 4 })
      .map((all) => `{${all.map((member) => member.join(":"))}}`),
  ),
})).value;
