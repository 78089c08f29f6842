import type { MessageLine } from './recording.ts';

/** What the gateway said, of which something is compared: how a message is found again, and the fields that must be the same. */
interface Compared {
  readonly key: (body: MessageLine['body'], place: number) => string;
  readonly fields: readonly string[];
}

const numbered = (body: MessageLine['body']): string => `${String(body['b'])}.${String(body['n'])}`;

/** By tail. A tail that is not here is not compared. */
const COMPARED: Readonly<Record<string, Compared>> = {
  res: { key: numbered, fields: ['g', 'r', 'o'] },
  'evt/ack': { key: numbered, fields: [] },
  time: { key: (body) => String(body['no']), fields: [] },
  // Versions are another's; the first list of a recording is held against the first of its replay, and so on.
  'acl/want': { key: (_, place) => `list ${place + 1}`, fields: ['count', 'of', 'o'] },
};

/** What differs between any two times, and is not compared: said to whoever reads a comparison. */
export const NOT_COMPARED =
  'nonces, instances (i), times (u, t, until), entry numbers (res.e), list versions (e, n) and what is keyed by the secret (dig, acl/c), checkpoints (log), commands (cmd), offers of a list the recorded device held (acl/want)';

/** One message or field that is not as it was. `was`, `is`: undefined where there was no such message. */
export interface Difference {
  readonly what: string;
  readonly field: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** Is something of this tail compared? */
export const isCompared = (tail: string): boolean => Object.hasOwn(COMPARED, tail);

/** The messages that are compared, each under its name; of several with one name the first, for the others are repeats. */
export function byName(messages: readonly Pick<MessageLine, 'tail' | 'body'>[]): ReadonlyMap<string, MessageLine['body']> {
  const found = new Map<string, MessageLine['body']>();
  const versions = new Map<string, number>();
  for (const { tail, body } of messages) {
    const compared = COMPARED[tail];
    if (compared === undefined) continue;
    const version = `${String(body['e'])}.${String(body['n'])} ${String(body['dig'])}`;
    if (tail === 'acl/want' && !versions.has(version)) versions.set(version, versions.size);
    const name = `${tail} ${compared.key(body, versions.get(version) ?? 0)}`;
    if (!found.has(name)) found.set(name, body);
  }
  return found;
}

/** Everything the gateway said otherwise than it did then. */
export function compare(then: readonly Pick<MessageLine, 'tail' | 'body'>[], now: readonly Pick<MessageLine, 'tail' | 'body'>[]): Difference[] {
  const [before, after] = [byName(then), byName(now)];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap((what): Difference[] => {
    const [old, fresh] = [before.get(what), after.get(what)];
    // Whoever replays holds no list, and is offered one that the recorded device may have held.
    if (old === undefined && what.startsWith('acl/want')) return [];
    if (old === undefined || fresh === undefined) return [{ what, field: '', was: old, is: fresh }];
    const { fields } = COMPARED[what.split(' ')[0] ?? ''] ?? { fields: [] };
    return fields.filter((field) => JSON.stringify(old[field]) !== JSON.stringify(fresh[field])).map((field) => ({ what, field, was: old[field], is: fresh[field] }));
  });
}
