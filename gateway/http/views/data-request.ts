import { maskDocument, maskName, maskPhone } from '../../core/mask.ts';
import type { Sentence } from '../../core/reasons.ts';
import type { KeepReason } from '../../register/anonymise.ts';
import type { RequestRow } from '../../store/data-requests.ts';
import type { OwnPerson } from '../../store/own-data.ts';
import type { PersonHome } from '../../store/persons.ts';
import type { OwnRequest, RequestDetail, RequestRow as RowView } from '../schemas/rights.ts';

/** How long an answered copy waits to be fetched, ms. */
const COPY_MS = 14 * 86_400_000;

/** Until when the copy can be fetched at `now`; null: there is none, it was fetched, or it is too late. */
export function copyUntil({ kind, state, decidedAt, copiedAt }: RequestRow, now: number): number | null {
  if (kind !== 'copy' || state !== 'answered' || decidedAt === null || copiedAt !== null) return null;
  return now < decidedAt + COPY_MS ? decidedAt + COPY_MS : null;
}

/** A request as the person who filed it sees it. */
export const ownRequest = (row: RequestRow, now: number): OwnRequest => {
  const { id, kind, state, receivedAt, dueAt, decidedAt, text, answer, copiedAt } = row;
  return { id, kind, state, receivedAt, dueAt, decidedAt, text, answer, copiedAt, copyUntil: copyUntil(row, now) };
};

/** A line of the queue: a masked name, and no words. */
export const requestRow = (
  { id, kind, state, personId, receivedAt, dueAt, decidedAt }: RequestRow,
  about: { readonly name: string; readonly counter: boolean },
  now: number,
): RowView => ({
  id,
  kind,
  state,
  receivedAt,
  dueAt,
  decidedAt,
  person: { id: personId, name: maskName(about.name) },
  counter: about.counter,
  overdue: state === 'open' && now > dueAt,
});

const KEPT: Readonly<Record<KeepReason, (days: number) => Sentence>> = {
  lives: () => ({
    zh: '他还在这里居住或工作：钥匙和登记都要靠这些信息。搬走或离职以后可以再申请。',
    en: 'The person lives or works here: key and registration depend on this data. The request can be made again afterwards.',
  }),
  held: () => ({ zh: '有案件要求封存，解除以前不能删。', en: 'A case holds this data. It cannot be deleted before the hold is released.' }),
  records: (days) => ({
    zh: `出入记录要能说明是谁开的门，至少 180 天（GB 50396-2007 第 5.2.2 条）。搬走满 ${days} 天后可以删。`,
    en: `For at least 180 days a door record must say who opened (GB 50396-2007 5.2.2). ${days} days after moving out the data can be deleted.`,
  }),
  office: () => ({ zh: '他在这里还有岗位或房产的账号。先停用那个账号。', en: 'The person also has an account here for an office or as a landlord. End that first.' }),
};

/** Why the data must stay for now, as a sentence. `days`: how long a record must name whoever came. */
export const keptBecause = (reason: KeepReason, days: number): Sentence => KEPT[reason](days);

/** A request with all that is needed to answer it; the person masked. */
export function requestDetail(
  row: RequestRow,
  about: { readonly person: OwnPerson; readonly homes: readonly PersonHome[]; readonly counter: boolean; readonly mustKeep: Sentence | null },
  now: number,
): RequestDetail {
  const { person, homes, counter, mustKeep } = about;
  return {
    ...requestRow(row, { name: person.name, counter }, now),
    mustKeep,
    version: row.version,
    text: row.text,
    answer: row.answer,
    copiedAt: row.copiedAt,
    phoneMasked: maskPhone(person.phone),
    documentType: person.documentType,
    documentMasked: maskDocument(person.document),
    personVersion: person.version,
    anonymised: person.anonymisedAt !== null,
    homes: homes.map(({ unitId, room, building, buildingEn, current }) => ({ unitId, room, building, buildingEn, current })),
  };
}
