import type { Random } from './random.ts';

/** What a field may hold that its reader did not expect. */
const ODD = [null, true, false, 0, -1, 0.5, 1e308, 2 ** 53, 2 ** 32, '', 'x', '../x', [], [[]], {}, { a: 1 }, [null], 'y'.repeat(2000)] as const;

/** The same value with something else in the place of one part of it, or without that part. */
function bentValue(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.oneIn(6)) return random.any(ODD);
  if (Array.isArray(value)) return value.length === 0 ? [random.any(ODD)] : value.with(random.below(value.length), bentValue(random.any(value), random));
  const names = Object.keys(value);
  const name = random.any(names) ?? 'x';
  const parts: Record<string, unknown> = { ...value };
  return { ...parts, [name]: random.oneIn(5) ? undefined : bentValue(parts[name], random) };
}

/** A JSON text with one part bent, one time in three; bytes that are no JSON stay as they are. */
export function sometimesBent(bytes: Buffer, random: Random): Buffer {
  if (!random.oneIn(3)) return bytes;
  try {
    return Buffer.from(JSON.stringify(bentValue(JSON.parse(bytes.toString('utf8')), random)) ?? '');
  } catch {
    return bytes;
  }
}
