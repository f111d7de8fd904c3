// Loaded before Next, whose way to an answer is long: gives what needs no page of it (lib/web/answer-first.ts, which comes by
// instrumentation.ts) an answer at once, and passes on the rest.
import { Server } from "node:http";

const first = { answer: undefined };
globalThis.tocsinFirst = first;

const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...args) {
  if (event !== "request" || first.answer === undefined) return emit.call(this, event, ...args);
  const [request, response] = args;
  const passOn = () => emit.call(this, event, ...args);
  const answering = first.answer(request);
  if (answering === null) return passOn();
  answering.then(
    (answer) => {
      if (answer === null) return passOn();
      response.writeHead(answer.status, answer.headers);
      return response.end(request.method === "HEAD" ? undefined : answer.body);
    },
    // Whatever is wrong here is not to be in the way.
    passOn,
  );
  return true;
};
