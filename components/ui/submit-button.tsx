"use client";

import { LoaderCircle } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { useFormStatus } from "react-dom";
import { newSubmissionKey, submissionField } from "#lib/submissions/submission-key.ts";
import { Button } from "./button.tsx";

/** Shows that its form is on the way and ignores further presses until it is back. */
export function SubmitButton({ children, onClick, ...props }: ComponentProps<typeof Button>) {
  const { pending } = useFormStatus();
  return (
    <>
      <SubmissionKey pending={pending} />
      <Button
        type="submit"
        look="primary"
        aria-disabled={pending}
        onClick={(event) => (pending ? event.preventDefault() : onClick?.(event))}
        {...props}
      >
        {pending && <LoaderCircle className="animate-spin" aria-hidden />}
        {children}
      </Button>
    </>
  );
}

/** Another key after each answer, so that the same form can be sent for something new. */
function SubmissionKey({ pending }: { pending: boolean }) {
  const [key, setKey] = useState(newSubmissionKey);
  const [wasPending, setWasPending] = useState(pending);
  if (pending !== wasPending) {
    setWasPending(pending);
    if (!pending) setKey(newSubmissionKey());
  }
  // The server's is as good as the browser's.
  return <input type="hidden" name={submissionField} value={key} suppressHydrationWarning />;
}
