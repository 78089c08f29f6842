import type { LedgerLine } from '../../gateway/http/schemas/ledger.ts';

/** A ledger line as shown: with what the door did, when the line that completes it is here. */
export interface ShownLine extends LedgerLine {
  readonly outcome: LedgerLine | undefined;
}

/** Joins two sets of lines, newest first, each index once; keeps at most `limit` of the newest. */
export function mergeLines(known: readonly LedgerLine[], incoming: readonly LedgerLine[], limit: number): LedgerLine[] {
  const byIndex = new Map(known.map((line) => [line.index, line]));
  for (const line of incoming) byIndex.set(line.index, line);
  return [...byIndex.values()].sort((a, b) => b.index - a.index).slice(0, limit);
}

/** One line per happening: an outcome goes onto the decision it completes and is shown alone only when that one is not here. */
export function foldLines(lines: readonly LedgerLine[]): ShownLine[] {
  const here = new Set(lines.map((line) => line.index));
  const outcomes = new Map<number, LedgerLine>();
  for (const line of lines) if (line.kind === 'outcome' && line.ref !== null) outcomes.set(line.ref, line);
  return lines.filter((line) => !(line.kind === 'outcome' && line.ref !== null && here.has(line.ref))).map((line) => ({ ...line, outcome: outcomes.get(line.index) }));
}

/** Highest index among the lines, 0 for none: where a reconnect goes on from. */
export const lastIndex = (lines: readonly LedgerLine[]): number => lines.reduce((last, line) => Math.max(last, line.index), 0);

/** For one door: its newest line, and the report that it was left open when nothing has closed it since. Lines newest first. */
export function doorLines(lines: readonly ShownLine[], doorId: number): { last: ShownLine | undefined; held: ShownLine | undefined } {
  const own = lines.filter((line) => line.doorId === doorId);
  const leaf = own.find((line) => line.kind === 'door' && ['held', 'closed', 'opened', 'forced'].includes(line.code));
  return { last: own[0], held: leaf?.code === 'held' ? leaf : undefined };
}
