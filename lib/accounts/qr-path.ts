import QRCode from "qrcode";

/**
 * A QR code as the path of an SVG of `size` × `size` units with a quiet zone of four (ISO/IEC 18004), so that it stands in the
 * page itself: nothing is fetched for it.
 */
export function qrPath(text: string): { path: string; size: number } {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "M" });
  const quiet = 4;
  let path = "";
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (modules.get(row, column)) path += `M${column + quiet} ${row + quiet}h1v1h-1z`;
    }
  }
  return { path, size: modules.size + 2 * quiet };
}
