import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { NewEntry } from '../../gateway/journal/entry.ts';
import { entryAt } from './query-district.ts';

/** Every field of an entry as a column in the clear. */
const COLUMNS = [
  'id',
  'at',
  'kind',
  'result',
  'reason',
  'buildingId',
  'doorId',
  'personId',
  'unitId',
  'tenancyId',
  'credentialId',
  'accountId',
  'method',
  'note',
  'openMs',
  'offline',
  'final',
  'what',
  'ref',
  'deviceTime',
  'skewMs',
  'list',
  'digest',
  'controllerId',
  'instance',
  'boot',
  'seq',
  'fingerprint',
  'words',
] as const;

/** Indexes of storage.md 6, and one for each further question of log review. */
const INDEXES = ['personId, at', 'doorId, at', 'buildingId, result, at', 'at', 'buildingId, at', 'unitId, at', 'buildingId, reason, at', 'accountId, at'];

type Value = string | number | null;

function valuesOf(id: number, { event, person }: NewEntry): Value[] {
  const decided = event.granted ? 'granted' : 'refused';
  const { key } = event;
  return [
    id,
    event.gatewayTime,
    event.kind,
    event.kind === 'access' ? decided : null,
    event.kind === 'access' && !event.granted ? (event.reason ?? null) : null,
    event.buildingId,
    event.doorId,
    person.personId,
    person.unitId,
    person.tenancyId,
    person.credentialId,
    person.accountId,
    event.method ?? null,
    event.note ?? null,
    event.openMs,
    event.offline ? 1 : 0,
    event.final ?? null,
    event.what ?? null,
    event.ref ?? null,
    event.deviceTime,
    event.skewMs,
    event.list,
    event.digest,
    key?.controllerId ?? null,
    key?.instance ?? null,
    key?.boot ?? null,
    key?.seq ?? null,
    person.fingerprint,
    person.words,
  ];
}

/** Makes the table and its indexes. */
function fillPlain(file: string, size: number): void {
  const db = new Database(file);
  for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'cache_size = -262144', 'temp_store = FILE']) db.pragma(pragma);
  db.exec(`CREATE TABLE plain (id INTEGER PRIMARY KEY, ${COLUMNS.slice(1).join(', ')})`);
  const insert = db.prepare(`INSERT INTO plain VALUES (${COLUMNS.map(() => '?').join(', ')})`);
  db.exec('BEGIN');
  for (let id = 1; id < size; id += 1) insert.run(valuesOf(id, entryAt(id, size)));
  db.exec('COMMIT');
  for (const [place, columns] of INDEXES.entries()) db.exec(`CREATE INDEX plain_${place} ON plain (${columns})`);
  db.exec('ANALYZE');
  db.close();
}

/** The same questions in plain SQL. Times of two entries are never the same here, so `at` is the order of the log. */
export interface Plain {
  page(where: string, values: readonly Value[], limit: number): Record<string, Value>[];
  units(buildingId: number, from: number, until: number): { readonly unitId: number; readonly granted: number; readonly refused: number }[];
  close(): void;
}

export function openPlain(file: string): Plain {
  const db = new Database(file, { readonly: true });
  db.pragma('cache_size = -16384');
  const statements = new Map<string, Database.Statement<unknown[], Record<string, Value>>>();
  const units = db.prepare<unknown[], { unitId: number; granted: number; refused: number }>(`SELECT unitId, sum(result = 'granted') AS granted, sum(result = 'refused') AS refused
    FROM plain WHERE buildingId = ? AND result IN ('granted', 'refused') AND at >= ? AND at < ? GROUP BY unitId ORDER BY unitId`);
  return {
    page(where, values, limit) {
      const known = statements.get(where) ?? db.prepare<unknown[], Record<string, Value>>(`SELECT * FROM plain WHERE ${where} ORDER BY at DESC LIMIT ?`);
      statements.set(where, known);
      return known.all(...values, limit);
    },
    units: (...asked) => units.all(...asked),
    close: () => void db.close(),
  };
}

if (parentPort !== null) {
  fillPlain(workerData.file, workerData.size);
  parentPort.postMessage('filled');
}
