import type { LedgerLine } from '../../gateway/http/schemas/ledger.ts';
import type { DoorLive, UnitTile } from '../../gateway/http/schemas/places.ts';
import type { DoorShape } from './door-state.ts';
import { known, lang, pick, t } from './i18n.svelte.ts';
import type { ShownLine } from './ledger-fold.ts';
import { now } from './now.svelte.ts';
import { age, clockTime, dayName, monthName } from './time.ts';
import { daysTo, unchecked } from './unit-words.ts';

/** How long since a time, in words: "8 min". */
function ageWords(since: number): string {
  const { n, unit } = age(now() - since);
  return n === 0 ? t('age.now') : t(`age.${unit}`, { n });
}

/** A door's state in a few words. `heldSince`: when the door reported that it was left open. */
export function doorWords(shape: DoorShape, live: DoorLive | undefined, heldSince: number): string {
  if (live !== undefined && !live.online && live.since === 0) return t('door.never');
  if (shape === 'offline') return t('door.offline', { age: ageWords(live?.since ?? now()) });
  if (shape === 'held') return t('door.held', { age: ageWords(heldSince) });
  return t(`door.${shape}`);
}

function dueWords(due: number): string {
  const days = daysTo(due, now());
  if (days <= 0) return t('unit.due.today');
  return days === 1 ? t('unit.due.tomorrow') : t('unit.due.days', { n: days });
}

/** The second line of a home's tile: what is true of it, and what is due, as far as the viewer is told. */
export function unitWords(unit: UnitTile): string {
  if (unit.state === 'empty') return t('unit.empty');
  const registered = unit.registered === null || unit.people === null ? '' : t('unit.registered', { done: unit.registered, all: unit.people });
  if (unit.state === 'due' && unit.registrationDue !== null) return `${unchecked(unit) ? registered : t('unit.residence')} · ${dueWords(unit.registrationDue)}`;
  if (unit.state === 'overdue') {
    const days = unit.registrationDue === null ? 0 : -daysTo(unit.registrationDue, now());
    return days < 1 ? t('unit.overdue.now') : t('unit.overdue', { n: days });
  }
  if (unit.state === 'holdover') {
    const days = unit.termEnd === null ? 0 : -daysTo(unit.termEnd, now());
    return days < 1 ? t('unit.holdover.today') : t('unit.holdover', { n: days });
  }
  const month = (end: number): string => monthName(end, lang()).replace('-', '\u2011').replace(' ', '\u00a0');
  const term = unit.termEnd === null ? t('unit.open') : t('unit.to', { month: month(unit.termEnd) });
  return [registered, unit.contract ? term : ''].filter((part) => part !== '').join(' · ');
}

/** A day a thing is due, as people say it: "tomorrow by 24:00", "on 3 December". */
export function dueDay(ms: number): string {
  const days = daysTo(ms, now());
  if (days === 0) return t('when.today');
  return days === 1 ? t('when.tomorrow') : t('when.on', { day: dayName(ms, now(), lang()) });
}

/** A ledger line in words: a short title, and the sentences that explain it. */
export function lineWords(line: ShownLine): { title: string; more: string[] } {
  const title = known('code', line.code);
  const more: string[] = [];
  const plain = line.tone === 'granted' && line.code === 'OK';
  if (title !== undefined && !plain && (line.kind === 'access' || line.tone === 'attention' || line.code === 'offline')) more.push(pick(line.why));
  if (line.noteWhy !== null) more.push(pick(line.noteWhy));
  if (line.granted && line.outcome !== undefined && line.outcome.code !== 'opened') more.push(pick(line.outcome.why));
  if (!line.offline && Math.abs(line.skewMs) >= 60_000) more.push(t('ledger.skew', { n: Math.round(Math.abs(line.skewMs) / 1000) }));
  return { title: title ?? pick(line.why), more };
}

/** "while offline", with the door's own time when the line came in later. */
export const offlineWords = (line: LedgerLine): string =>
  line.deviceTime > 0 && Math.abs(line.at - line.deviceTime) > 5_000 ? t('ledger.offline.at', { time: clockTime(line.deviceTime) }) : t('ledger.offline');

/** The word on a line's chip. */
export const chipWord = (line: LedgerLine): string => (line.tone === 'info' ? known('chip', line.code) : undefined) ?? t(`chip.${line.tone}`);
