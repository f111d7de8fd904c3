declare module "dns-packet" {
  export type Question = { type: string; name: string };
  export type Answer = { type: string; name: string; ttl?: number; data: string };
  export type Packet = {
    type?: "query" | "response";
    id?: number;
    flags?: number;
    questions?: Question[];
    answers?: Answer[];
  };
  export const AUTHORITATIVE_ANSWER: number;
  export function encode(packet: Packet): Buffer;
  export function decode(bytes: Buffer): Packet;
}
