import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCharacter } from '../../gateway/core/citizen-id.ts';
import { BuildingId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import { eventOf, NO_PERSON } from '../../gateway/journal/entry.ts';
import { openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { applyRoster, previewRoster } from '../../gateway/register/import-roster.ts';
import { accountsOf } from '../../gateway/store/accounts.ts';
import { assessmentsOf } from '../../gateway/store/assessments.ts';
import { dataRequestsOf } from '../../gateway/store/data-requests.ts';
import { factorsOf } from '../../gateway/store/factors.ts';
import { holdsOf } from '../../gateway/store/holds.ts';
import { idempotentAnswersOf } from '../../gateway/store/idempotent-answers.ts';
import { invitationsOf } from '../../gateway/store/invitations.ts';
import { outboxOf } from '../../gateway/store/outbox.ts';
import { pendingActsOf } from '../../gateway/store/pending-acts.ts';
import { peopleOf } from '../../gateway/store/people.ts';
import { pinyinReader } from '../../gateway/store/pinyin.ts';
import { purposesOf } from '../../gateway/store/purposes.ts';
import type { Register } from '../../gateway/store/register.ts';
import { rotationOf } from '../../gateway/store/rotation.ts';
import { createSearch, findBelow, formsOf } from '../helpers/byte-search.ts';
import { addBuilding, NOON, temporaryRegister, type TestRegister } from '../helpers/register.ts';

const PEOPLE = 240;
const GIVEN = '翎玥璟琰珩瑄璇瓒祎祾禛秾窈竑筠箴';
const HEADER = '姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号,关系';

/** Everything that must not be found, by what it is. */
const known = new Map<string, string | Buffer>();
let made: TestRegister;

interface Invented {
  readonly name: string;
  readonly document: string;
  readonly phone: string;
  readonly card: string;
}

function invented(at: number): Invented {
  const body = `890101${1960 + (at % 40)}0${1 + (at % 9)}1${at % 9}${String(100 + at).slice(0, 3)}`;
  const given = `${GIVEN[at % 16] ?? ''}${GIVEN[Math.floor(at / 16) % 16] ?? ''}`;
  return {
    name: `${'欧潘葛奚范彭郎鲁韦昌马苗'[at % 12] ?? ''}${given}`,
    document: body + checkCharacter(body),
    phone: `120${10_000_000 + at * 7919}`,
    card: `04${createHash('sha256').update(`card ${at}`).digest('hex').slice(0, 12)}`,
  };
}

/** Something somebody wrote that occurs nowhere else. */
function written(what: string): string {
  const text = `${what}：住户反映夜里有陌生人跟随，编号 ${randomBytes(6).toString('hex')}`;
  known.set(what, text);
  return text;
}

async function importPeople(register: Register, buildingId: number): Promise<void> {
  await register.write((db) => db.building.update({ where: { id: buildingId }, data: { readerBits: 56 } }));
  const read = await pinyinReader();
  const people = Array.from({ length: PEOPLE }, (_, at) => invented(at));
  const rows = people.map(({ name, document, phone, card }, at) => {
    known.set(`name ${at}`, name).set(`document ${at}`, document).set(`phone ${at}`, phone).set(`card ${at}`, card.toUpperCase());
    known.set(`card bytes ${at}`, Buffer.from(card, 'hex')).set(
      `pinyin ${at}`,
      read(name)
        .map(([first]) => first)
        .join(''),
    );
    return `${name},居民身份证,${document},${phone},${String(1 + (at % 30)).padStart(2, '0')}${10 + Math.floor(at / 30)},2026-03-01,2027-02-28,${card},`;
  });
  const bytes = Buffer.from([HEADER, ...rows].join('\n'));
  const preview = await previewRoster(register, { buildingId, accountId: null, fileName: 'roster.csv', bytes }, NOON);
  expect(preview.findings.filter(({ warning }) => !warning)).toEqual([]);
  expect(await applyRoster(register, preview.id, { goodRowsOnly: false, attested: true, now: NOON })).toMatchObject({ people: PEOPLE, credentials: PEOPLE });
  // One that was looked at and not applied.
  await previewRoster(register, { buildingId, accountId: null, fileName: 'again.csv', bytes }, NOON);
}

async function writeAccounts(register: Register): Promise<number> {
  let last = 0;
  for (let at = 0; at < 20; at += 1) {
    const displayName = `陈${GIVEN[at % 16] ?? ''}警官${at}`;
    known.set(`account ${at}`, displayName);
    const { id } = await accountsOf(register).create({ login: `officer-${at}`, passwordHash: '$argon2id$…', role: 'OF', displayName, assignments: [] }, NOON);
    const [secret, token] = [randomBytes(20), randomBytes(32).toString('base64url')];
    known.set(`totp ${at}`, secret).set(`token ${at}`, token);
    const tokenHash = createHash('sha256').update(token).digest();
    await factorsOf(register).beginTotp({ accountId: id, label: written(`factor ${at}`), secret }, NOON);
    await invitationsOf(register).create({ accountId: id, kind: 'join', createdAt: NOON, createdBy: 1, expiresAt: NOON + 1, tokenHash });
    const link = `https://doorbook.test/join#${token}`;
    await outboxOf(register).put({
      at: NOON,
      kind: 'invitation',
      accountId: id,
      to: displayName,
      zh: written(`letter ${at}`),
      en: 'x',
      link,
      tokenHash: tokenHash.toString('hex'),
    });
    last = id;
  }
  return last;
}

async function writeCases(register: Register, accountId: number, buildingId: number): Promise<void> {
  const reason = (what: string): string => written(what);
  const range = { rangeFrom: NOON, rangeUntil: NOON + 1 };
  for (let at = 0; at < 10; at += 1) {
    const purpose = {
      accountId,
      purpose: 'case',
      caseNumber: 'A-1',
      caseDueAt: null,
      reason: reason(`purpose ${at}`),
      buildingId,
      openedAt: NOON,
      expiresAt: NOON + 1,
      entryIndex: 1,
    } as const;
    await purposesOf(register).open({ ...purpose, ...range });
    await pendingActsOf(register).create({
      kind: 'export',
      body: JSON.stringify({ note: reason(`act ${at}`) }),
      reason: reason(`why ${at}`),
      requestedBy: accountId,
      requestedAt: NOON,
      expiresAt: NOON + 1,
    });
    await holdsOf(register).place(
      { caseNumber: 'A-1', subject: 'person', subjectId: 1, rangeFrom: null, rangeUntil: null, reason: reason(`hold ${at}`), placedBy: accountId, reviewAt: NOON + 1 },
      NOON,
    );
    await dataRequestsOf(register).file({ kind: 'correct', personId: 1 + at, filedBy: accountId, dueAt: NOON + 1, text: reason(`request ${at}`) }, NOON);
    const answers = { purpose: reason(`assessment ${at}`), necessity: reason(`necessity ${at}`), data: 'x', risk: 'x', measures: 'x' };
    await assessmentsOf(register).create('Lift camera', answers, { accountId, now: NOON });
    const asked = { accountId, key: `key-${at}`, route: 'POST /x', content: reason(`content ${at}`) };
    await idempotentAnswersOf(register).claim(asked, { since: 0, now: NOON });
    await idempotentAnswersOf(register).answer(asked, 200, reason(`answer ${at}`));
  }
}

function writeJournal({ dir, keys }: TestRegister, buildingId: number): void {
  const log = openLog({ file: path.join(dir, 'journal.sqlite'), keysDir: path.join(dir, 'keys'), root: keys.journalRoot });
  for (let at = 0; at < 400; at += 1) {
    const fingerprint = createHash('sha256').update(`unknown ${at}`).digest('hex').slice(0, 24);
    known.set(`unknown card ${at}`, Buffer.from(fingerprint, 'hex'));
    const event = eventOf({ kind: at % 2 === 0 ? 'access' : 'audit', what: 'viewed', buildingId: BuildingId(buildingId), gatewayTime: NOON + at, reason: 'UNKNOWN_CREDENTIAL' });
    log.append([stage({ event, person: { ...NO_PERSON, personId: PersonId(1 + (at % PEOPLE)), unitId: UnitId(1), fingerprint, words: written(`words ${at}`).slice(0, 120) } })]);
  }
  log.close();
}

beforeAll(async () => {
  made = await temporaryRegister();
  const { register } = made;
  const { buildingId } = await addBuilding(made);
  await importPeople(register, buildingId);
  while ((await peopleOf(register).catchUp()) > 0);
  const accountId = await writeAccounts(register);
  await writeCases(register, accountId, buildingId);
  writeJournal(made, buildingId);
  // What was deleted lies in free pages, what was changed in the write-ahead log.
  await register.write((db) => db.outboxMessage.deleteMany({ where: { id: { lt: 10 } } }));
  await register.write((db) => db.credential.deleteMany({ where: { id: { lt: 50 } } }));
  await peopleOf(register).find(known.get('name 3')?.toString() ?? '', { limit: 5 });
}, 120_000);
afterAll(() => made.close());

const copied = async (name: string): Promise<void> => {
  const db = new Database(path.join(made.dir, name), { readonly: true });
  await db.backup(path.join(made.dir, `backup-of-${name}`));
  db.close();
};

describe('personal data on the disk', () => {
  test('a thousand known values and more are in none of the files: databases, logs beside them, free pages, copies', async () => {
    await copied('register.sqlite');
    await copied('journal.sqlite');
    expect(known.size).toBeGreaterThan(2000);
    expect(['register.sqlite', 'register.sqlite-wal', 'journal.sqlite', 'backup-of-register.sqlite'].map((name) => existsSync(path.join(made.dir, name)))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(findBelow(made.dir, createSearch(known))).toEqual([]);
  }, 120_000);

  test('what they say is there all the same: everybody is found and opens', async () => {
    const people = peopleOf(made.register);
    for (const at of [0, 100, PEOPLE - 1]) {
      const [found] = await people.find(known.get(`document ${at}`)?.toString() ?? '', { limit: 2 });
      expect((await people.byId(found?.id ?? 0))?.name).toBe(known.get(`name ${at}`));
    }
  });

  test('no key is in a database or a copy of one, and after a change of keys none of the old ones is anywhere', async () => {
    const { vault, hash, fingerprint, journalRoot } = made.keys;
    const keys = new Map([vault[0].key, hash[0].key, fingerprint, journalRoot].map((key, at) => [`key ${at}`, Buffer.from(key)]));
    expect(findBelow(made.dir, createSearch(keys), ['keys'])).toEqual([]);
    const rotation = rotationOf(made.register, path.join(made.dir, 'keys'));
    await rotation.begin();
    while (
      (await rotation.pass(
        async () => undefined,
        () => true,
      )) > 0
    );
    await rotation.finish();
    const old = new Map([...keys].slice(0, 2));
    expect(findBelow(made.dir, createSearch(old))).toEqual([]);
    expect(findBelow(made.dir, createSearch(known))).toEqual([]);
  }, 120_000);
});

describe('the search itself', () => {
  test('finds a value in every form it could have', () => {
    const search = createSearch(known);
    for (const name of ['name 7', 'document 7', 'phone 7', 'pinyin 7', 'totp 7', 'words 7', 'card bytes 7']) {
      const forms = formsOf(known.get(name) ?? '');
      expect(forms.length, name).toBeGreaterThan(5);
      for (const form of forms) expect(search(Buffer.concat([randomBytes(500), form, randomBytes(500)])), `${name}: ${form.toString('latin1')}`).toContain(name);
    }
    const text = known.get('document 9')?.toString() ?? '';
    for (const before of ['', 'a', 'ab']) expect(search(Buffer.from(Buffer.from(`${before}${text}xyz`).toString('base64')))).toContain('document 9');
  });

  test('finds one that lies in clear in a column, in the write-ahead log, or in a page that was set free', () => {
    const [dir, file] = [path.join(made.dir, 'planted'), path.join(made.dir, 'planted', 'register.sqlite')];
    cpSync(made.file, file);
    const name = String(known.get('name 11'));
    const db = new Database(file);
    db.pragma('journal_mode = WAL');
    db.prepare('INSERT INTO "Site" ("code", "name") VALUES (?, ?)').run('planted', name);
    expect(findBelow(dir, createSearch(known))).toContain('register.sqlite-wal: name 11');
    db.pragma('wal_checkpoint(TRUNCATE)');
    expect(findBelow(dir, createSearch(known))).toEqual(['register.sqlite: name 11']);
    db.prepare(`DELETE FROM "Site" WHERE "code" = 'planted'`).run();
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    expect(findBelow(dir, createSearch(known))).toContain('register.sqlite: name 11');
    writeFileSync(path.join(dir, 'export.csv'), `姓名\n${name}\n`);
    expect(findBelow(dir, createSearch(known))).toContain('export.csv: name 11');
  });
});
