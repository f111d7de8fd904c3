"use client";

import { type ReactNode, useActionState } from "react";
import { type FormAction, fieldError, idleForm, typedValue } from "#lib/form-state.ts";
import { Card } from "./card.tsx";
import { SelectField, TextField } from "./field.tsx";
import { FormMessage } from "./form-message.tsx";
import { SubmitButton } from "./submit-button.tsx";

export type FieldSpec = {
  name: string;
  label: string;
  hint?: string;
  type?: "text" | "email" | "password";
  autoComplete?: string;
  inputMode?: "numeric" | "text";
  minLength?: number;
  maxLength?: number;
  /** Default: true. */
  required?: boolean;
  value?: string;
  /** Makes it a list to choose from. */
  options?: readonly { value: string; label: string }[];
};

type Props = {
  title: ReactNode;
  text?: ReactNode;
  /** The page's own heading, or that of one of several cards. */
  heading?: "h1" | "h2";
  action: FormAction;
  hidden?: Readonly<Record<string, string>>;
  fields?: readonly FieldSpec[];
  submit: string;
  look?: "primary" | "quiet" | "danger";
  /** Once it is done only the sentence that says so is left. */
  endsWhenDone?: boolean;
  /** Above the fields. */
  children?: ReactNode;
  /** Below the form. */
  footer?: ReactNode;
};

/** A card with one form: its texts, its fields with what is wrong at each, and what came of it. */
export function FormCard({ heading: Heading = "h2", fields = [], hidden = {}, ...props }: Props) {
  const [state, dispatch] = useActionState(props.action, idleForm);
  const isOver = props.endsWhenDone === true && state.status === "done";
  return (
    <Card className="p-5">
      <Heading className={Heading === "h1" ? "text-xl font-semibold" : "text-lg font-semibold"}>
        {props.title}
      </Heading>
      {props.text !== undefined && (
        <p className="mt-0.5 max-w-prose wrap-anywhere text-dim">{props.text}</p>
      )}
      <div className="mt-4 grid max-w-2xl gap-4">
        {isOver && <FormMessage state={state} />}
        {!isOver && props.children}
        {!isOver && (
          <form action={dispatch} className="grid gap-4">
            {Object.entries(hidden).map(([name, value]) => (
              <input key={name} type="hidden" name={name} value={value} />
            ))}
            {fields.map((field) => (
              <FormField
                key={field.name}
                field={field}
                value={typedValue(state, field.name, field.value)}
                error={fieldError(state, field.name)}
              />
            ))}
            <FormMessage state={state} />
            <div>
              <SubmitButton look={props.look ?? "primary"}>{props.submit}</SubmitButton>
            </div>
          </form>
        )}
        {props.footer}
      </div>
    </Card>
  );
}

function FormField({
  field: { name, value: _, options, required = true, ...field },
  value,
  error,
}: {
  field: FieldSpec;
  value: string;
  error: string | undefined;
}) {
  if (options !== undefined) {
    return (
      // A list keeps its first choice unless it is made anew.
      <SelectField
        key={value}
        {...{ name, required, error }}
        label={field.label}
        hint={field.hint}
        defaultValue={value}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </SelectField>
    );
  }
  const secret = field.type === "password";
  return (
    <TextField
      {...field}
      {...{ name, required, error }}
      {...(secret ? {} : { defaultValue: value })}
    />
  );
}
