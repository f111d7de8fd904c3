import { floors } from "./rooms.ts";

/** The floors of lib as a Mermaid picture, the ground at the bottom. Written into docs/architecture.md by `npm run docs:rooms`. */
export function architecturePicture(): string {
  const blocks = floors.map((rooms, floor) => {
    const boxes = rooms.map((room) => `    ${room.replaceAll("-", "_")}["${room}"]`).join("\n");
    return `  subgraph floor${floor}[" "]\n    direction LR\n${boxes}\n  end`;
  });
  const arrows = floors.slice(1).map((_, floor) => `  floor${floor + 1} --> floor${floor}`);
  return ["```mermaid", "flowchart TB", ...blocks.toReversed(), ...arrows, "```"].join("\n");
}
