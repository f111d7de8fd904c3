import { nesting, stringEnd } from "./scan.ts";

/** Whether objects and arrays are nested more than `levels` deep, the outermost being the first level. Any text may be asked about. */
export function isDeeperThan(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = stringEnd(text, at);
      continue;
    }
    depth += nesting(code);
    if (depth > levels) return true;
    at += 1;
  }
  return false;
}
