import { dateAt } from '../../core/local-date.ts';
import { RETENTION, type RetentionKind, type RetentionRule, retentionKind } from '../../core/retention.ts';
import type { Sentence } from '../../core/reasons.ts';
import type { Counts } from '../../register/run-retention.ts';
import type { RunRow, SetRule } from '../../store/retention.ts';
import type { DueView, RuleView, RunView } from '../schemas/rights.ts';

/** A rule with what is set here. `entryDays`: how long entries are kept, for what goes with them. */
export function ruleView({ kind, name, after, usual, least, most, law, presets, warn, automatic, by }: RetentionRule, set: SetRule | undefined, entryDays: number): RuleView {
  const days = by === 'entries' ? entryDays : Math.min(most, Math.max(least, set?.days ?? usual));
  return {
    kind,
    name,
    after,
    days,
    usual,
    least,
    most,
    law,
    presets: [...presets],
    warnBelow: warn?.below ?? null,
    warning: warn?.words ?? null,
    automatic,
    runs: by === 'run',
    version: set?.version ?? 0,
    setAt: set?.setAt ?? null,
  };
}

const nameOf = (kind: string): Sentence => {
  const known = retentionKind(kind);
  return (known === undefined ? undefined : RETENTION.get(known)?.name) ?? { zh: kind, en: kind };
};

function words(kind: string, cutoff: number, { due, held }: Counts): Sentence {
  const name = nameOf(kind);
  const day = dateAt(cutoff);
  if (due === 0) return { zh: `没有 ${day} 以前的${name.zh}要清理。`, en: `Nothing of this kind is older than ${day}.` };
  const then = RETENTION.get(retentionKind(kind) ?? 'entries')?.after ?? name;
  const unit = kind === 'entries' ? { zh: '天', one: 'day of it', many: 'days of it' } : { zh: '条', one: 'record', many: 'records' };
  const counted = `${due} ${due === 1 ? unit.one : unit.many}`;
  const kept = held === 0 ? { zh: '', en: '' } : { zh: `，其中 ${held} ${unit.zh}按案件封存，留着`, en: `; ${held} held for a case and kept` };
  return { zh: `${day} 以前有 ${due} ${unit.zh}到期${kept.zh}。${then.zh}`, en: `${counted} older than ${day}${kept.en}. ${then.en}` };
}

/** What a run over a kind would do now. */
export const dueView = (kind: RetentionKind, found: Counts & { readonly cutoff: number }): DueView => ({
  kind,
  name: nameOf(kind),
  ...found,
  words: words(kind, found.cutoff, found),
});

/** A run, with its deletion receipt once it is done. */
export const runView = ({ id, kind, state, startedAt, finishedAt, cutoff, due, done, held, entryIndex }: RunRow): RunView => ({
  id,
  kind,
  state,
  startedAt,
  finishedAt,
  cutoff,
  due,
  done,
  held,
  name: nameOf(kind),
  words: words(kind, cutoff, { due, held }),
  entry: entryIndex,
});
