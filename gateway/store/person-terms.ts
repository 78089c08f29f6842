import { setTimeout } from 'node:timers/promises';
import { documentKey } from '../core/documents.ts';
import { nameTerms } from './name-terms.ts';
import { pinyinReader, type Reader } from './pinyin.ts';
import type { Register, WriteDb } from './register.ts';
import type { Vault } from './vault.ts';

/** Form of the terms this version makes: raised when `nameTerms` changes, so that everybody's are made anew. */
const FORM = 1;
/** Forms under one key of the search hashes. */
const FORMS = 16;
/** People brought up to date in one write: some ten milliseconds, in which no other write runs. */
const BATCH = 100;
const PAUSE_MS = 5;

/** What `Person.termForm` says of somebody whose terms and number hashes are of this version and under the newest key. */
const termFormNow = (vault: Vault): number => vault.hashKey * FORMS + FORM;

type Cells = readonly [id: number, name: string, documentType: string, document: string | null, phone: string | null];

const DUE = 'SELECT "id" FROM "Person" WHERE "termForm" < ? ORDER BY "termForm", "id" LIMIT ?';
const OPENED = 'json_array("id", hex("nameSealed"), "documentType", hex("documentSealed"), hex("phoneSealed"))';
const ROWS = `SELECT json_group_array(${OPENED}) AS "rows" FROM "Person" WHERE "id" IN (SELECT "value" FROM json_each(?))`;
const FORGET = 'DELETE FROM "PersonTerm" WHERE "personId" IN (SELECT "value" FROM json_each(?))';
const TERMS = `INSERT INTO "PersonTerm" ("hash", "personId") SELECT unhex("value"->>0), "value"->>1 FROM json_each(?)`;
// A number that is gone keeps no hash of it under the new key.
const NUMBERS = `UPDATE "Person" SET "termForm" = j."value"->>1, "documentHash" = unhex(j."value"->>2), "phoneHash" = unhex(j."value"->>3)
  FROM json_each(?) AS j WHERE "Person"."id" = j."value"->>0`;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The terms of a name as they are stored, in hex. */
const hashedTerms = (vault: Vault, name: string, read: Reader): string[] => [...new Set(nameTerms(name, read).map((term) => hexOf(vault.hash('term', term))))];

function numberHashes(vault: Vault, [, , type, document, phone]: Cells): [document: string | null, phone: string | null] {
  const opened = (field: 'person.document' | 'person.phone', sealed: string | null): string => (sealed ? vault.open(field, Buffer.from(sealed, 'hex')) : '');
  const [number, e164] = [opened('person.document', document), opened('person.phone', phone)];
  return [number === '' ? null : hexOf(vault.hash('document', documentKey(type, number))), e164 === '' ? null : hexOf(vault.hash('phone', e164))];
}

async function make(db: WriteDb, vault: Vault, ids: readonly number[], read: Reader): Promise<void> {
  const [answer] = await db.$queryRawUnsafe<{ rows: string }[]>(ROWS, JSON.stringify(ids));
  const rows: Cells[] = JSON.parse(answer?.rows ?? '[]');
  const form = termFormNow(vault);
  const terms = rows.flatMap(([id, name]) => hashedTerms(vault, vault.open('person.name', Buffer.from(name, 'hex')), read).map((hash) => [hash, id]));
  const numbers = rows.map((cells) => [cells[0], form, ...numberHashes(vault, cells)]);
  await db.$transaction([
    db.$executeRawUnsafe(FORGET, JSON.stringify(ids)),
    db.$executeRawUnsafe(TERMS, JSON.stringify(terms)),
    db.$executeRawUnsafe(NUMBERS, JSON.stringify(numbers)),
  ]);
}

async function makeDue(db: WriteDb, vault: Vault, read: Reader): Promise<number> {
  const people = await db.$queryRawUnsafe<{ id: number | bigint }[]>(DUE, termFormNow(vault), BATCH);
  const ids = people.map(({ id }) => Number(id));
  await make(db, vault, ids, read);
  return ids.length;
}

/** Search terms and number hashes of the register's people, kept in step with their names, their numbers and the keys. */
export interface PersonTerms {
  /** Makes them anew for these people at once: after a name or number was changed, or taken away. */
  setTerms(personIds: readonly number[]): Promise<void>;
  /** Brings up to date those that are not (`termForm` 0: new, or changed), a hundred at a time until `ms` are over; how many it did. 0: nobody was left. */
  catchUp(ms?: number): Promise<number>;
}

/** Terms of this register's people. A writer that changes a name or a number sets `termForm` to 0, or calls `setTerms`. */
export function personTermsOf(register: Register): PersonTerms {
  const { vault } = register;
  return {
    async setTerms(personIds) {
      const read = await pinyinReader();
      for (let at = 0; at < personIds.length; at += BATCH) {
        const ids = personIds.slice(at, at + BATCH);
        await register.write((db) => make(db, vault, ids, read));
      }
    },
    async catchUp(ms = 0) {
      const until = performance.now() + ms;
      let done = 0;
      do {
        const due = await register.read.$queryRawUnsafe<{ id: number }[]>(DUE, termFormNow(vault), 1);
        if (due.length === 0) break;
        const read = await pinyinReader();
        done += await register.write((db) => makeDue(db, vault, read));
        // Others at the desks are answered in between.
        await setTimeout(PAUSE_MS);
      } while (performance.now() < until);
      return done;
    },
  };
}
