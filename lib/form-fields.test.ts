import { expect, test } from "vitest";
import { formFieldsMax, readFields } from "./form-fields.ts";

const none = () => false;
const formOf = (...fields: [string, string][]): FormData => {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
};

test("a name that comes several times becomes a list, in order", () => {
  const form = formOf(["a", "1"], ["b", "2"], ["a", "3"]);
  expect(readFields(form, none)).toEqual({ a: ["1", "3"], b: "2" });
});

test("fields of the framework are left out", () => {
  expect(readFields(formOf(["$ACTION_1", "x"], ["a", "1"]), (name) => name[0] === "$")).toEqual({
    a: "1",
  });
});

test("a field called __proto__ is a field", () => {
  const fields = readFields(formOf(["__proto__", "1"]), none) ?? {};
  expect(Object.keys(fields)).toEqual(["__proto__"]);
});

test("a form of more fields than any of ours is refused without being gone through", () => {
  let asked = 0;
  function* endless(): Generator<[string, string]> {
    for (;;) yield [`field ${asked++}`, ""];
  }
  expect(readFields(endless(), none)).toBeNull();
  expect(asked).toBeLessThanOrEqual(formFieldsMax + 1);
});
