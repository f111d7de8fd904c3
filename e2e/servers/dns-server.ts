import { createSocket } from "node:dgram";
import { once } from "node:events";
import { AUTHORITATIVE_ANSWER, decode, encode } from "dns-packet";

/** What the server says about a name: addresses, a DNS error code, or nothing at all. */
export type DnsAnswer = readonly string[] | "NXDOMAIN" | "SERVFAIL" | "REFUSED" | "silence";

export type DnsServer = {
  /** `127.0.0.1:port`, for the resolver. */
  address: string;
  /** Names asked for, in order. */
  readonly questions: readonly string[];
  /** Sets the answer to a name; a list of answers is given one after another, the last one for ever. */
  set(name: string, ...answers: readonly DnsAnswer[]): void;
  close(): Promise<void>;
};

const rcodes = { NXDOMAIN: 3, SERVFAIL: 2, REFUSED: 5 } as const;

/** A name server on loopback. Names it does not know are NXDOMAIN; known ones have addresses and nothing else. */
export async function startDnsServer(at = { host: "127.0.0.1", port: 0 }): Promise<DnsServer> {
  const names = new Map<string, DnsAnswer[]>();
  const turns = new Map<string, number>();
  const questions: string[] = [];
  const socket = createSocket("udp4");

  // A and AAAA are asked together: both get the same turn of a changing answer.
  const answerTo = (type: string, name: string): DnsAnswer => {
    const answers = names.get(name) ?? ["NXDOMAIN"];
    const turn = turns.get(`${type} ${name}`) ?? 0;
    turns.set(`${type} ${name}`, turn + 1);
    return answers[Math.min(turn, answers.length - 1)] ?? "NXDOMAIN";
  };

  socket.on("message", (bytes, from) => {
    const { id = 0, questions: asked = [] } = decode(bytes);
    const [question] = asked;
    if (!question) return;
    const { type } = question;
    const name = question.name.toLowerCase();
    questions.push(`${type} ${name}`);
    const answer = answerTo(type, name);
    if (answer === "silence") return;
    const rcode = typeof answer === "string" ? rcodes[answer] : 0;
    const isV6 = type === "AAAA";
    const addresses = typeof answer === "string" ? [] : answer;
    const reply = encode({
      type: "response",
      id,
      flags: AUTHORITATIVE_ANSWER | rcode,
      questions: [question],
      answers: addresses
        .filter((address) => (type === "A" || isV6) && address.includes(":") === isV6)
        .map((data) => ({ type, name: question.name, ttl: 0, data })),
    });
    socket.send(reply, from.port, from.address);
  });
  socket.bind(at.port, at.host);
  await once(socket, "listening");
  return {
    address: `${at.host}:${socket.address().port}`,
    questions,
    set: (name, ...answers) => {
      names.set(name, [...answers]);
      turns.delete(`A ${name}`);
      turns.delete(`AAAA ${name}`);
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
