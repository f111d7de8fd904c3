import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn.ts";
import { Input, TextArea } from "./input.tsx";
import { Select } from "./select.tsx";

type FieldTexts = { label: ReactNode; hint?: ReactNode; error?: string | undefined };
type ControlIds = {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
};

/** The ids of a control whose refusal and hint stand in `FieldNotes`. */
export function useControlIds({ hint, error }: Omit<FieldTexts, "label">): ControlIds {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return {
    id,
    "aria-describedby": described === "" ? undefined : described,
    "aria-invalid": error === undefined ? undefined : true,
  };
}

/** What screen readers read with the control of that id, below it. */
export function FieldNotes({ id, hint, error }: Omit<FieldTexts, "label"> & { id: string }) {
  return (
    <>
      {error !== undefined && (
        <p id={`${id}-error`} className="text-sm text-bad">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-dim">
          {hint}
        </p>
      )}
    </>
  );
}

/** A label, a control, its hint and its refusal, tied together for screen readers. */
function Field({
  label,
  hint,
  error,
  className,
  children,
}: FieldTexts & { className?: string; children: (ids: ControlIds) => ReactNode }) {
  const ids = useControlIds({ hint, error });
  return (
    <div className={cn("grid gap-1.5", className)}>
      <label htmlFor={ids.id} className="text-sm font-medium">
        {label}
      </label>
      {children(ids)}
      <FieldNotes id={ids.id} hint={hint} error={error} />
    </div>
  );
}

type Texts<Control> = FieldTexts & Omit<Control, "id" | "className"> & { className?: string };

export function TextField({
  label,
  hint,
  error,
  className,
  ...input
}: Texts<ComponentProps<typeof Input>>) {
  return (
    <Field label={label} hint={hint} error={error} className={cn(className)}>
      {(ids) => <Input {...ids} {...input} />}
    </Field>
  );
}

export function TextAreaField({
  label,
  hint,
  error,
  className,
  ...input
}: Texts<ComponentProps<typeof TextArea>>) {
  return (
    <Field label={label} hint={hint} error={error} className={cn(className)}>
      {(ids) => <TextArea {...ids} {...input} />}
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  error,
  className,
  ...input
}: Texts<ComponentProps<typeof Select>>) {
  return (
    <Field label={label} hint={hint} error={error} className={cn(className)}>
      {(ids) => <Select {...ids} {...input} className="w-full" />}
    </Field>
  );
}
