import type { ErrorReason } from "#lib/transport/error-class.ts";

/** The console's colours. Mail programs know no CSS variables, so the light ones stand in each element's style. */
export const light = {
  bg: "#f6f5f2",
  surface: "#ffffff",
  sunk: "#efede8",
  ink: "#1c1b22",
  dim: "#625f6b",
  line: "#e2dfd8",
  brand: "#3a3480",
  onBrand: "#ffffff",
} as const;

/** Reached by class where a mail program asks for a dark scheme. */
const dark = {
  bg: "#131218",
  surface: "#1b1a22",
  sunk: "#16151c",
  ink: "#eceaf3",
  dim: "#a09cad",
  line: "#2d2b37",
  brand: "#a79ff0",
  onBrand: "#131218",
} as const satisfies Record<keyof typeof light, string>;

/** Colour and shape of a reason always go together, as everywhere else. The shape is a character: it needs no image. */
export const reasonMarks = {
  could_not_connect: { shape: "■", light: "#c8442b", dark: "#f07a5f" },
  request_timeout: { shape: "▲", light: "#b47c00", dark: "#e6b340" },
  error_status_code: { shape: "●", light: "#2468b2", dark: "#6ea8ea" },
  unclassified: { shape: "◆", light: "#7d6b9e", dark: "#b5a3d6" },
} as const satisfies Record<ErrorReason, { shape: string; light: string; dark: string }>;

const reasonRules = Object.entries(reasonMarks)
  .map(([reason, mark]) => `.mark-${reason} { color: ${mark.dark} !important; }`)
  .join("\n    ");

/** What inline styles cannot say: the dark scheme and the narrow column. */
export const mailStyles = `
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (prefers-color-scheme: dark) {
    .bg { background-color: ${dark.bg} !important; }
    .surface { background-color: ${dark.surface} !important; border-color: ${dark.line} !important; }
    .sunk { background-color: ${dark.sunk} !important; }
    .line { border-color: ${dark.line} !important; }
    .ink { color: ${dark.ink} !important; }
    .dim { color: ${dark.dim} !important; }
    .brand { color: ${dark.brand} !important; }
    .button { background-color: ${dark.brand} !important; color: ${dark.onBrand} !important; }
    ${reasonRules}
  }
  @media (max-width: 480px) {
    .page { padding: 16px 0 24px !important; }
    .surface { border-radius: 0 !important; border-left: 0 !important; border-right: 0 !important; }
    .inset { padding-left: 20px !important; padding-right: 20px !important; }
    .label, .value { display: block !important; width: auto !important; border: 0 !important; }
    .label { padding: 10px 0 0 !important; }
    .value { padding: 2px 0 10px !important; }
    .row { border-top-width: 1px !important; border-top-style: solid !important; }
    .button { display: block !important; text-align: center !important; }
  }
`;

export const fonts = {
  text: "Geist, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, 'Noto Sans JP', 'Hiragino Sans', 'Yu Gothic UI', Meiryo, sans-serif",
  mono: "'Geist Mono', ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', 'Noto Sans JP', monospace",
} as const;
