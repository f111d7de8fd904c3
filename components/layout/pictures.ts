/** `tile`: rounded, on nothing. `full`: to the edges, for devices that cut icons to a shape of their own. */
export type IconLook = { size: number; kind: "tile" | "full" };

/** The icons of public/ that are made from its icon.svg, by name. */
export const iconSizes: Record<string, IconLook> = {
  "icon-192.png": { size: 192, kind: "tile" },
  "icon-512.png": { size: 512, kind: "tile" },
  "icon-maskable-512.png": { size: 512, kind: "full" },
  "apple-touch-icon.png": { size: 180, kind: "full" },
};

/** As pages that show links ask for it. */
export const shareSize = { width: 1_200, height: 630 };

const brand = "#3a3480";

/** What icon.svg draws, without its frame. */
const pathsOf = (icon: string): string => (icon.match(/<path [^>]+>/g) ?? []).join("");

/** The bell in white on the brand's ground, as SVG; devices may cut a tenth from each edge of a full one. */
export function drawIcon(icon: string, { size, kind }: IconLook): string {
  const [corner, scale] = kind === "tile" ? [5.4, 0.76] : [0, 0.62];
  const inset = 12 * (1 - scale);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 24 24">
    <rect width="24" height="24" rx="${corner}" fill="${brand}"/>
    <g transform="translate(${inset} ${inset}) scale(${scale})" ${strokes("#ffffff")}>${pathsOf(icon)}</g></svg>`;
}

const strokes = (colour: string): string =>
  `fill="none" stroke="${colour}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"`;

/** The four reasons in their shapes and colours, as charts and mails have them. */
const shapes = `<rect x="96" y="498" width="32" height="32" rx="3" fill="#c8442b"/>
  <path d="M174 496 192 530 H156Z" fill="#c98a00"/>
  <circle cx="236" cy="514" r="17" fill="#2468b2"/>
  <path d="M298 494 318 514 298 534 278 514Z" fill="#7d6b9e"/>`;

/** The picture for shared links: its ground as SVG, and the words that are set upon it. */
export function shareParts(icon: string) {
  const { width, height } = shareSize;
  const ground = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="${width}" height="${height}" fill="#f6f5f2"/>
    <rect y="${height - 14}" width="${width}" height="14" fill="${brand}"/>
    <g transform="translate(878 160) scale(13)" opacity="0.09" ${strokes(brand)}>${pathsOf(icon)}</g>
    <g transform="translate(92 92) scale(4.6)" ${strokes(brand)}>${pathsOf(icon)}</g>
    ${shapes}</svg>`;
  const words = [
    { text: "Tocsin", size: 92, colour: "#1c1b22", left: 226, top: 112 },
    {
      text: "Delivers webhooks, notices every failure,",
      size: 40,
      colour: "#66636f",
      left: 96,
      top: 300,
    },
    { text: "tells the people who run the bot.", size: 40, colour: "#66636f", left: 96, top: 358 },
  ];
  return { ground, words };
}

/** One PNG as a favicon.ico, which browsers ask for unasked; square, at most 255 pixels. */
export function frameIco(png: Uint8Array, size: number): Buffer {
  const head = Buffer.alloc(22);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(1, 4);
  head.writeUInt8(size, 6);
  head.writeUInt8(size, 7);
  head.writeUInt16LE(1, 10);
  head.writeUInt16LE(32, 12);
  head.writeUInt32LE(png.length, 14);
  head.writeUInt32LE(head.length, 18);
  return Buffer.concat([head, png]);
}
