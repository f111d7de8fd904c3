import { figuresEvent, type LiveMessage } from "./schema.ts";

const encoder = new TextEncoder();

/** A message as a server-sent event. An event without data is not handed on by browsers. */
export const encodeMessage = (message: LiveMessage): Uint8Array =>
  encoder.encode(`event: ${message}\ndata: {}\n\n`);

/** Figures, as wire.ts writes them, for so many viewers of the channel: one text without line breaks. */
export const encodeFigures = (figures: string, audience: number): Uint8Array =>
  encoder.encode(`event: ${figuresEvent}\ndata: {"audience":${audience},"figures":${figures}}\n\n`);
