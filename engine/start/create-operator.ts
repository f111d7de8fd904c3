// npm run operator:create -- --email E --password P [--name N]
import { parseArgs } from "node:util";
import { createOperator } from "#lib/accounts/commands.ts";
import { passwordLengthMax, passwordLengthMin, SetUpForm } from "#lib/accounts/schema.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { withDatabase } from "./with-database.ts";

const { values } = parseArgs({
  options: { email: { type: "string" }, password: { type: "string" }, name: { type: "string" } },
});
const form = SetUpForm.safeParse({
  name: values.name ?? values.email,
  email: values.email,
  password: values.password,
});

if (!form.success) {
  const wrong = [...new Set(form.error.issues.map((issue) => `--${String(issue.path[0])}`))].join(
    ", ",
  );
  console.error(
    `Not usable: ${wrong}. Give --email with an address and --password with ` +
      `${passwordLengthMin} to ${passwordLengthMax} characters: npm run operator:create -- --email E --password P`,
  );
  process.exitCode = 1;
} else {
  try {
    await withDatabase(({ db }) => createOperator(db, commandActor("operator:create"), form.data));
    console.log(`${form.data.email} can sign in as operator.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
