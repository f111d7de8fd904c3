/** What was done to the bytes of an answer's body so that people can read it. The bytes as received are kept apart. */
export type ShownBody = {
  text: string;
  /** As received, which is at most what is kept of an answer. */
  byteCount: number;
  /** Null when it was not packed. */
  packing: Packing | null;
  charset: Charset;
};

/** Content coding (RFC 9110 section 8.4). */
export type Packing =
  | {
      state: "unpacked";
      /** The outermost first. */
      codings: readonly Coding[];
      /** False when no header says so, but its first bytes do. */
      isAnnounced: boolean;
      /** `cut`: what was kept ends earlier; `long`: more comes out than is shown; `broken`: the rest is not of this coding. */
      end: "whole" | "cut" | "long" | "broken";
    }
  /** The headers name a coding that these bytes do not have, or that is not known here: shown as they are. */
  | { state: "left"; coding: string };

export type Coding = "gzip" | "deflate" | "br";

export type Charset = {
  /** As the Encoding Standard names it, such as `shift_jis`. */
  name: string;
  /**
   * Where that is from: the answer's Content-Type, a byte order mark, the page's meta tag, its XML declaration. `valid`: not
   * told, and valid UTF-8; `likely`: not told, but its characters look like it; `assumed`: for want of anything better.
   */
  from: "header" | "bom" | "meta" | "xml" | "valid" | "likely" | "assumed";
  /** What the answer says of itself and is not, as it wrote it. */
  contradicts: string | null;
};

/** An answer as pages show it: harmless text. Headers are null when none came; the body when it is empty or not kept. */
export type ShownAnswer = {
  responseHeaders: readonly (readonly [string, string])[] | null;
  responseBody: ShownBody | null;
};
