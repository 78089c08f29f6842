import type { SealedField } from './vault.ts';

/** The sealed columns of a table, each with the field its values are sealed as. */
export interface SealedTable {
  readonly table: string;
  readonly columns: Readonly<Record<string, SealedField>>;
  /** Rows worked on at once where a value may be large; else `ROWS_AT_ONCE`. */
  readonly rows?: number;
}

/** Rows worked on in one write: some ten milliseconds, in which no other write runs. */
export const ROWS_AT_ONCE = 500;

/** Every sealed column of the register. A test holds the list against the schema: a column that is not here would be lost with the old key. */
export const SEALED_TABLES: readonly SealedTable[] = [
  { table: 'Person', columns: { nameSealed: 'person.name', documentSealed: 'person.document', phoneSealed: 'person.phone', birthSealed: 'person.birth' } },
  { table: 'DoorController', columns: { secretSealed: 'controller.secret' } },
  { table: 'LineDevice', columns: { keySealed: 'line.key', nextKeySealed: 'line.key' } },
  { table: 'Credential', columns: { valueSealed: 'credential.value' } },
  { table: 'RosterImport', columns: { bodySealed: 'import.body' }, rows: 2 },
  { table: 'Account', columns: { nameSealed: 'account.name' } },
  { table: 'SecondFactor', columns: { secretSealed: 'factor.secret', labelSealed: 'factor.label' } },
  { table: 'OutboxMessage', columns: { bodySealed: 'outbox.body' } },
  { table: 'IdempotentAnswer', columns: { bodySealed: 'answer.body' }, rows: 20 },
  { table: 'PendingAct', columns: { bodySealed: 'act.body', reasonSealed: 'act.reason' } },
  { table: 'Purpose', columns: { reasonSealed: 'purpose.reason' } },
  { table: 'Hold', columns: { reasonSealed: 'hold.reason' } },
  { table: 'DataRequest', columns: { bodySealed: 'request.body', answerSealed: 'request.answer' } },
  { table: 'ImpactAssessment', columns: { bodySealed: 'assessment.body' } },
  { table: 'MoveOut', columns: { basisSealed: 'moveOut.basis' } },
  { table: 'DoorAlarm', columns: { noteSealed: 'alarm.note' } },
  { table: 'CommissioningSheet', columns: { bodySealed: 'sheet.body' } },
  { table: 'UnitFiling', columns: { titleSealed: 'filing.title', reasonSealed: 'filing.reason' } },
  { table: 'ResidenceRegistration', columns: { wordsSealed: 'registration.words' } },
  { table: 'ResidencePermit', columns: { wordsSealed: 'permit.words' } },
  { table: 'DoorPhoto', columns: { imageSealed: 'photo.image' }, rows: 2 },
];
