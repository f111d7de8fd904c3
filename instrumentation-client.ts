// Next runs this before any component. zod tries whether it may make code from text, which the Content-Security-Policy forbids and
// browsers report; told so beforehand, in the global that it reads, it does not try. Not by import: most pages need no zod.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
