import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { SelectField } from "#components/ui/field.tsx";
import { sampleEventTypes } from "#lib/verify/schema.ts";

/** A webhook with one event of nobody, to see what the bot does with it. */
export function SampleForm({
  channelId,
  isRunning,
  check,
  start,
}: {
  channelId: string;
  isRunning: boolean;
  check: (form: FormData) => void;
  start: (sample: string) => void;
}) {
  const t = useTranslations("channels.sample");
  const [sample, setSample] = useState<string>(sampleEventTypes[0]);
  return (
    <form
      action={check}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isRunning) start(sample);
      }}
      className="flex flex-wrap items-end gap-2"
    >
      <input type="hidden" name="channelId" value={channelId} />
      <SelectField
        className="min-w-56"
        label={t("title")}
        name="sample"
        value={sample}
        onChange={(event) => setSample(event.target.value)}
      >
        {sampleEventTypes.map((type) => (
          <option key={type} value={type}>
            {t(`types.${type}`)}
          </option>
        ))}
      </SelectField>
      <Button type="submit" aria-disabled={isRunning}>
        {t("send")}
      </Button>
      <p className="basis-full text-sm text-dim">{t("text")}</p>
    </form>
  );
}
