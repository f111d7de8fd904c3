const names = ["DateTimeFormat", "NumberFormat", "PluralRules"] as const;
const keptMax = 500;

type Formatters = Pick<typeof Intl, (typeof names)[number]>;

/**
 * Has `intl` give out one formatter for the same languages and options. next-intl makes its own anew for each request, which
 * costs more than what they format; a formatter cannot be changed, so nobody sees that it is shared.
 */
export function keepFormatters(intl: Formatters = Intl): void {
  for (const name of names) Object.defineProperty(intl, name, { value: keeping(intl[name]) });
}

type Make = new (...given: never[]) => object;

function keeping(make: Make): Make {
  const kept = new Map<string, object>();
  const take = (given: unknown[], of: () => object): object => {
    const key = JSON.stringify(given);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = of();
    if (kept.size >= keptMax) kept.clear();
    kept.set(key, made);
    return made;
  };
  const proxy: Make = new Proxy(make, {
    // A class that extends it gets its own.
    construct: (target, given, asked) =>
      asked === proxy
        ? take(given, () => Reflect.construct(target, given))
        : Reflect.construct(target, given, asked),
    apply: (target, _this, given) => take(given, () => Reflect.construct(target, given)),
  });
  return proxy;
}
