import { Shape, type ShapeKind } from "#components/ui/shape.tsx";
import type { ErrorReason } from "#lib/transport/error-class.ts";

/** Colour and shape of each reason, always both, the same on every page. */
export const reasonLooks = {
  could_not_connect: {
    shape: "square",
    text: "text-reason-could-not-connect",
    colour: "var(--reason-could-not-connect)",
  },
  request_timeout: {
    shape: "triangle",
    text: "text-reason-request-timeout",
    colour: "var(--reason-request-timeout)",
  },
  error_status_code: {
    shape: "circle",
    text: "text-reason-error-status-code",
    colour: "var(--reason-error-status-code)",
  },
  unclassified: {
    shape: "diamond",
    text: "text-reason-unclassified",
    colour: "var(--reason-unclassified)",
  },
} as const satisfies Record<ErrorReason, { shape: ShapeKind; text: string; colour: string }>;

export function ReasonMark({ reason }: { reason: ErrorReason }) {
  const { shape, text } = reasonLooks[reason];
  return <Shape kind={shape} className={text} />;
}
