"use client";

import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { ChannelStateMark } from "#components/channels/channel-state-mark.tsx";
import { cn } from "#components/ui/cn.ts";
import { Input } from "#components/ui/input.tsx";
import { type PaletteGroup, usePaletteGroups } from "./use-palette-groups.ts";

/** A box to type into and what matches beneath it, as a combobox: the focus stays in the box, arrows choose. */
export function PaletteSearch({
  path,
  isOperator,
  go,
}: {
  path: string;
  isOperator: boolean;
  go: (href: string) => void;
}) {
  const t = useTranslations("lists.palette");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  // Enter came before the answer to what is typed: what stands there answers something else.
  const [isAwaited, setAwaited] = useState(false);
  const { groups, state, isCut } = usePaletteGroups(text, { path, isOperator });
  const listId = useId();
  const all = groups.flatMap(({ options }) => options);
  const at = Math.min(chosen, Math.max(0, all.length - 1));
  const found = all[at]?.href;
  useEffect(() => {
    if (!isAwaited || state === "searching") return;
    setAwaited(false);
    if (found !== undefined) go(found);
  }, [isAwaited, state, found, go]);
  const optionId = (place: number) => `${listId}-${place}`;
  const choose = (place: number) => {
    if (all.length === 0) return;
    const next = (place + all.length) % all.length;
    setChosen(next);
    document.getElementById(optionId(next))?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter and arrows of a Japanese text that is being converted belong to the conversion.
    if (event.nativeEvent.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1 };
    const step = steps[event.key];
    if (step !== undefined) choose(step);
    else if (event.key === "Enter") setAwaited(true);
    else return;
    event.preventDefault();
  };
  return (
    <div className="mt-3 flex min-h-0 flex-col gap-2">
      <Input
        type="search"
        role="combobox"
        aria-label={t("input")}
        placeholder={t("hint")}
        aria-expanded={all.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={all.length === 0 ? undefined : optionId(at)}
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
          setAwaited(false);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={listId} role="listbox" aria-label={t("title")} className="min-h-0 overflow-y-auto">
        {groups.map((group) => (
          <Group
            key={group.title}
            group={group}
            first={all.indexOf(group.options[0] as (typeof all)[number])}
            at={at}
            optionId={optionId}
            go={go}
          />
        ))}
      </div>
      <p role="status" className="text-sm text-dim">
        {said({ t, text, state, count: all.length, isCut })}
      </p>
      <p className="hidden text-sm text-dim sm:block" aria-hidden>
        {t("keys")}
      </p>
    </div>
  );
}

function said({
  t,
  text,
  state,
  count,
  isCut,
}: {
  t: ReturnType<typeof useTranslations<"lists.palette">>;
  text: string;
  state: "idle" | "searching" | "failed";
  count: number;
  isCut: boolean;
}): string {
  if (state === "failed") return t("failed");
  if (state === "searching" && count === 0) return t("searching");
  if (count === 0) return t("none", { q: text.trim() });
  return isCut ? t("more") : t("count", { count });
}

function Group({
  group,
  first,
  at,
  optionId,
  go,
}: {
  group: PaletteGroup;
  /** The place of its first option among all. */
  first: number;
  at: number;
  optionId: (place: number) => string;
  go: (href: string) => void;
}) {
  const headId = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset within a listbox is none of its children.
    <div role="group" aria-labelledby={headId}>
      <p id={headId} className="px-2 pt-2 pb-1 text-sm text-dim">
        {group.title}
      </p>
      {group.options.map((option, place) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box above.
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are taken by the box above.
        <div
          key={option.href}
          id={optionId(first + place)}
          role="option"
          aria-selected={first + place === at}
          onClick={() => go(option.href)}
          className={cn(
            "flex min-h-10 cursor-pointer items-center gap-2.5 rounded-control px-2 py-1.5",
            first + place === at
              ? "bg-sunk outline-2 -outline-offset-2 outline-brand"
              : "hover:bg-sunk",
          )}
        >
          {option.state !== undefined && <ChannelStateMark state={option.state} />}
          <span className="min-w-0 grow truncate">{option.label}</span>
          {option.note !== undefined && (
            <span className="max-w-[45%] truncate text-sm text-dim">{option.note}</span>
          )}
        </div>
      ))}
    </div>
  );
}
