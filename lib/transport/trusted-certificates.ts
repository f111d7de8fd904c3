import { readFileSync } from "node:fs";

/**
 * The PEM certificates to give to `createSender`: those of `TARGET_CA_FILE` with those of `NODE_EXTRA_CA_CERTS`, which Node
 * puts aside as soon as others are given. Undefined where no file is set: Node then uses its own and the extra ones.
 * @throws Error when a file cannot be read.
 */
export function trustedCertificates(files: {
  targetCaFile: string | undefined;
  extraCaFile: string | undefined;
}): string | undefined {
  if (files.targetCaFile === undefined) return undefined;
  return [files.targetCaFile, files.extraCaFile]
    .flatMap((file) => (file === undefined ? [] : [readFileSync(file, "utf8")]))
    .join("\n");
}
