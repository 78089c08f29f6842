import { parseArgs } from 'node:util';
import { FieldError } from '../gateway/wire/fields.ts';

/** Words after a command, taken apart: what stands by itself, and what follows a `--name`. */
export interface Words {
  readonly plain: readonly string[];
  has(flag: string): boolean;
  text(name: string): string | undefined;
  /** A number of an option, in these bounds. Throws FieldError naming the option. */
  number(name: string, bounds: readonly [min: number, max: number]): number | undefined;
}

/** Takes words apart. Throws FieldError naming an option that is none, or that lacks its value. */
export function wordsOf(args: readonly string[], { values, flags }: { readonly values: readonly string[]; readonly flags: readonly string[] }): Words {
  const given = new Map<string, string>();
  const plain: string[] = [];
  const { tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: Object.fromEntries([...values.map((name) => [name, { type: 'string' as const }]), ...flags.map((name) => [name, { type: 'boolean' as const }])]),
  });
  for (const token of tokens) {
    if (token.kind === 'positional') plain.push(token.value);
    if (token.kind !== 'option') continue;
    const isValue = values.includes(token.name);
    if (!isValue && !flags.includes(token.name)) throw new FieldError(token.rawName, `one of ${[...values, ...flags].map((name) => `--${name}`).join(', ')}`);
    if (isValue && (token.value === undefined || token.value === '')) throw new FieldError(token.rawName, 'a value after it');
    given.set(token.name, token.value ?? '');
  }
  return {
    plain,
    has: (flag) => given.has(flag),
    text: (name) => given.get(name),
    number(name, [min, max]) {
      const said = given.get(name);
      if (said === undefined) return undefined;
      const value = Number(said);
      if (!Number.isInteger(value) || value < min || value > max) throw new FieldError(`--${name}`, `a whole number from ${min} to ${max}, got ${said}`);
      return value;
    },
  };
}
