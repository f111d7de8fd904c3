import { buildIfNeeded } from "#engine/start/build.ts";

// The console's build, made once before the steps of `npm test` that start the product beside each other.
const isNew = await buildIfNeeded();
console.log(isNew ? "The console was built." : "The console's build is of this source.");
