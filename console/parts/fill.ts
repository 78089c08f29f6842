/** What a text is filled with. */
export type Values = Readonly<Record<string, string | number>>;

/** `one|many` picks by the value `n`; `{name}` is filled in. */
export function fill(text: string, values: Values = {}): string {
  const forms = text.split('|');
  const chosen = forms.length > 1 && values['n'] !== 1 ? forms[1] : forms[0];
  return (chosen ?? '').replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
