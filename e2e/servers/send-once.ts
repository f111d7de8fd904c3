import { env } from "#lib/env.ts";
import { trustedCertificates } from "#lib/transport/trusted-certificates.ts";
import { testRequest, testSender, verdictOf } from "./sending.ts";

// Sends to each URL and prints what came of it, one line each: for what only a process of its own can show.
// node --import tsx e2e/servers/send-once.ts <url>…

const urls = process.argv.slice(2);
const sender = testSender({ ca: trustedCertificates(env()) });
for (const url of urls) console.log(verdictOf(await sender.send(testRequest(url))));
await sender.close();
