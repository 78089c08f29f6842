import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endOfDay, startOfDay } from '../../gateway/core/local-date.ts';
import type { RosterPreview } from '../../gateway/http/schemas/roster.ts';
import { applyRoster, findRoster, previewRoster } from '../../gateway/register/import-roster.ts';
import { addBuilding, addCard, addTenant, BUILDING_CODE, DAY, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let held: TestRegister;
let building: TestBuilding;
beforeEach(async () => {
  held = await temporaryRegister();
  building = await addBuilding(held);
});
afterEach(() => held.close());

const HEADER = '姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号,关系';
const LI = '李雷,居民身份证,890101199003070118,12000000001,0503,2026-03-01,2027-02-28,1A2B3C4D,本人';
const HAN = '韩梅梅,居民身份证,890101198808150225,12000000002,0503,2026-03-01,2027-02-28,5C5D5E5F,配偶';
const YES = { goodRowsOnly: false, attested: true, now: NOON };

const look = (rows: readonly string[], header = HEADER): Promise<RosterPreview> =>
  previewRoster(held.register, { buildingId: building.buildingId, accountId: null, fileName: 'roster.csv', bytes: Buffer.from([header, ...rows].join('\n')) }, NOON);
const found = (preview: RosterPreview): string[] => preview.findings.map((one) => `${one.row} ${one.column} ${one.code}${one.warning ? ' (warning)' : ''}`);

/** Everything an import may touch, row by row. */
async function snapshot(): Promise<unknown> {
  const { read } = held.register;
  const tables = [read.rentalUnit.findMany(), read.person.findMany(), read.tenancy.findMany(), read.occupant.findMany(), read.credential.findMany(), read.change.findMany()];
  return Promise.all(tables);
}
async function counts(): Promise<Record<string, number>> {
  const { read } = held.register;
  return {
    people: await read.person.count(),
    tenancies: await read.tenancy.count(),
    occupants: await read.occupant.count(),
    credentials: await read.credential.count(),
    units: await read.rentalUnit.count(),
  };
}

describe('a roster goes into the register', () => {
  test('looking changes nothing and says what applying would do', async () => {
    const before = await snapshot();
    const preview = await look([LI, HAN, LI.replace('0503', '0601').replace('1A2B3C4D', '')]);
    expect(preview).toMatchObject({ encoding: 'UTF-8', rows: 3, good: 3, bad: 0, newPeople: 2, newTenancies: 2, newCredentials: 2, newUnits: 1, unchanged: 0 });
    expect(found(preview)).toEqual(['4 房号 UNIT_NEW (warning)']);
    expect(await snapshot()).toEqual(before);
  });

  test('applied: people, one tenancy for the home, cards, registration clock', async () => {
    const preview = await look([LI, HAN]);
    expect(await applyRoster(held.register, preview.id, YES)).toEqual({ people: 2, tenancies: 1, credentials: 2, units: 0, unchanged: 0, skipped: 0 });
    const { read, vault } = held.register;
    const [tenancy] = await read.tenancy.findMany({ include: { occupants: { include: { person: { include: { credentials: true } } }, orderBy: { id: 'asc' } } } });
    expect(tenancy).toMatchObject({
      unitId: building.units['0503'],
      kind: 'rent',
      startAt: BigInt(startOfDay('2026-03-01')),
      termEnd: BigInt(endOfDay('2027-02-28')),
      accessUntil: null,
      endedBy: '',
    });
    expect(tenancy?.occupants.map((one) => [one.role, Number(one.fromAt), one.registrationState, Number(one.registrationDue)])).toEqual([
      ['tenant', startOfDay('2026-03-01'), 'pending', endOfDay('2026-03-04')],
      ['coOccupant', startOfDay('2026-03-01'), 'pending', endOfDay('2026-03-04')],
    ]);
    const li = tenancy?.occupants[0]?.person;
    if (li === undefined || li.documentSealed === null || li.phoneSealed === null || li.birthSealed === null) throw new Error('a sealed column is empty');
    expect([
      vault.open('person.name', li.nameSealed),
      vault.open('person.document', li.documentSealed),
      vault.open('person.phone', li.phoneSealed),
      vault.open('person.birth', li.birthSealed),
    ]).toEqual(['李雷', '890101199003070118', '+8612000000001', '1990-03-07']);
    expect(li).toMatchObject({
      documentType: '111',
      documentTail: '0118',
      phoneTail: '0001',
      sex: 1,
      documentCheckedBy: 'landlord',
      documentCheckedAt: BigInt(NOON),
      documentHash: vault.hash('document', '111:890101199003070118'),
      phoneHash: vault.hash('phone', '+8612000000001'),
    });
    expect(li.credentials[0]).toMatchObject({ tech: 'CARD', tail: '3C4D', kind: 'tenant', status: 'active', fingerprint: vault.fingerprint({ bits: 32, hex: '1A2B3C4D' }) });
    expect([...vault.openBytes('credential.value', li.credentials[0]?.valueSealed ?? new Uint8Array())]).toEqual([32, 0x1a, 0x2b, 0x3c, 0x4d]);
    expect(await findRoster(held.register, preview.id)).toMatchObject({ state: 'applied', buildingId: building.buildingId });
    expect((await read.rosterImport.findUniqueOrThrow({ where: { id: preview.id } })).bodySealed).toBeNull();
  });

  test('the change table learns of every person, tenancy and card', async () => {
    await held.register.write((db) => db.change.deleteMany());
    await applyRoster(held.register, (await look([LI])).id, YES);
    expect([...new Set((await held.register.read.change.findMany()).map((change) => change.entity))].sort()).toEqual(['credential', 'person', 'tenancy']);
  });

  test('without the landlord’s statement people come in not registered; with it later they are', async () => {
    await applyRoster(held.register, (await look([LI])).id, { ...YES, attested: false });
    expect((await held.register.read.person.findFirstOrThrow()).documentCheckedBy).toBe('');
    expect(await applyRoster(held.register, (await look([LI])).id, YES)).toMatchObject({ people: 0, unchanged: 0 });
    expect(await held.register.read.person.findFirstOrThrow()).toMatchObject({ documentCheckedBy: 'landlord', documentCheckedAt: BigInt(NOON) });
  });

  test('nobody without a document is registered, whatever the landlord states', async () => {
    await applyRoster(held.register, (await look([LI.replace('居民身份证,890101199003070118', ',')])).id, YES);
    expect(await held.register.read.person.findFirstOrThrow()).toMatchObject({ documentCheckedBy: '', documentType: '', documentHash: null, documentCheckedAt: null });
  });

  test('a contract date that has passed ends nothing', async () => {
    await applyRoster(held.register, (await look([LI.replace('2027-02-28', '2026-06-01')])).id, YES);
    expect(await held.register.read.tenancy.findFirstOrThrow()).toMatchObject({ termEnd: BigInt(endOfDay('2026-06-01')), accessUntil: null, endedBy: '' });
  });

  test('homes that are not there are made, with floor and code', async () => {
    await applyRoster(held.register, (await look([LI.replace('0503', '负1-02')])).id, YES);
    expect(await held.register.read.rentalUnit.findFirstOrThrow({ orderBy: { id: 'desc' } })).toMatchObject({
      code: `${BUILDING_CODE}-B102`,
      floor: -1,
      room: 'B102',
      buildingId: building.buildingId,
      use: 'let',
    });
  });

  test('a number of the test province is refused in a building of another', async () => {
    const { buildingId } = await addBuilding(held, '330101001001B00001', 'hz1');
    const preview = await previewRoster(held.register, { buildingId, accountId: null, fileName: 'x.csv', bytes: Buffer.from(`${HEADER}\n${LI}`) }, NOON);
    expect(found(preview).filter((line) => !line.includes('warning'))).toEqual(['2 证件号码 ID_DIVISION_UNKNOWN', '2 手机号 PHONE_FORMAT']);
  });
});

describe('the same file twice changes nothing', () => {
  const rows = [
    LI,
    HAN,
    '王五,,,12000000003,0402,2026年1月5日,,0A0B0C0E,本人',
    '=1+1,护照,E1234567,,0701,2026/3/1,,,',
    LI.replace('0503', '0504'),
    '赵六,户口簿,890102201506010156,12000000002,0503,2026-03-01,,,子女',
  ];

  test.each([true, false])('attested: %s', async (attested) => {
    await applyRoster(held.register, (await look(rows)).id, { ...YES, attested });
    const before = await snapshot();
    const again = await look(rows);
    expect(again).toMatchObject({ good: 6, bad: 0, newPeople: 0, newTenancies: 0, newCredentials: 0, newUnits: 0, unchanged: 6 });
    expect(await applyRoster(held.register, again.id, { ...YES, attested, now: NOON + DAY })).toEqual({
      people: 0,
      tenancies: 0,
      credentials: 0,
      units: 0,
      unchanged: 6,
      skipped: 0,
    });
    expect(await snapshot()).toEqual(before);
  });

  test('also when written in the other language and other forms', async () => {
    await applyRoster(held.register, (await look([LI])).id, YES);
    const again = await look(
      ['503,0439041101,李雷,ID card,８９０１０１１９９００３０７０１１８,+86 120-0000-0001,46082'],
      'Room,Card,Name,Document type,ID number,Phone,Start date',
    );
    expect(again).toMatchObject({ good: 1, unchanged: 1, newPeople: 0, findings: [] });
  });

  test('somebody known by phone and name gains the document the file now has, and is the same person', async () => {
    await applyRoster(held.register, (await look([LI.replace('居民身份证,890101199003070118', ',')])).id, YES);
    expect(await applyRoster(held.register, (await look([LI])).id, YES)).toMatchObject({ people: 0, credentials: 0, unchanged: 0 });
    const people = await held.register.read.person.findMany();
    expect(people).toHaveLength(1);
    expect(people[0]).toMatchObject({ documentType: '111', documentTail: '0118', documentCheckedBy: 'landlord' });
    expect(await look([LI])).toMatchObject({ unchanged: 1 });
  });

  test('namesakes with the same phone and different documents stay two', async () => {
    await applyRoster(held.register, (await look([LI])).id, YES);
    expect(await look([LI.replace('890101199003070118', '890101199003070134').replace('1A2B3C4D', '')])).toMatchObject({ newPeople: 1 });
  });

  test('an import is applied once', async () => {
    const { id } = await look([LI]);
    await applyRoster(held.register, id, YES);
    await expect(applyRoster(held.register, id, YES)).rejects.toThrow(/applied already/);
    expect((await counts())['people']).toBe(1);
  });

  test('of two people who apply the same import at once, one is told that it is done', async () => {
    const { id } = await look([LI]);
    const both = await Promise.allSettled([applyRoster(held.register, id, YES), applyRoster(held.register, id, YES)]);
    expect(both.map((one) => one.status)).toEqual(['fulfilled', 'rejected']);
    expect((await counts())['people']).toBe(1);
  });

  test('two looks of the same file, both applied, still give one person', async () => {
    const [first, second] = [await look([LI, HAN]), await look([LI, HAN])];
    await Promise.all([applyRoster(held.register, first.id, YES), applyRoster(held.register, second.id, YES)]);
    expect(await counts()).toMatchObject({ people: 2, tenancies: 1, occupants: 2, credentials: 2 });
  });
});

describe('the register is not talked over', () => {
  const refuse = async (row: string): Promise<string[]> => {
    const before = await snapshot();
    const preview = await look([row]);
    expect(await applyRoster(held.register, preview.id, YES)).toBeUndefined();
    expect(await snapshot()).toEqual(before);
    return found(preview);
  };

  test('a card of somebody else stays with him', async () => {
    const { personId } = await addTenant(held, { unitId: building.units['0201'] ?? 0, name: '别人' });
    await addCard(held, { personId, hex: '1A2B3C4D' });
    expect(await refuse(LI.replace('890101199003070118', '890101199003070134'))).toEqual(['2 卡号 CARD_HELD']);
  });

  test('a document that stands with another name is not this person', async () => {
    await addTenant(held, { unitId: building.units['0201'] ?? 0, name: '李小明' });
    expect(await refuse(LI)).toEqual(['2 证件号码 PERSON_NAME_DIFFERS']);
  });

  test('somebody who lives where the sender may not look is not found by his document, neither in the look nor when it is applied', async () => {
    const other = await addBuilding(held, '890101001001B00043', 'yc43');
    const { personId } = await addTenant(held, { unitId: other.units['0201'] ?? 0, name: '李小明' });
    const bytes = Buffer.from([HEADER, LI].join('\n'));
    const upload = { buildingId: building.buildingId, accountId: null, fileName: 'roster.csv', bytes };
    const blind = await previewRoster(held.register, { ...upload, within: [building.buildingId] }, NOON);
    expect([found(blind), blind.newPeople]).toEqual([[], 1]);
    expect(found(await previewRoster(held.register, { ...upload, within: [building.buildingId, other.buildingId] }, NOON))).toEqual(['2 证件号码 PERSON_NAME_DIFFERS']);
    expect(await applyRoster(held.register, blind.id, { ...YES, within: [building.buildingId] })).toMatchObject({ people: 1 });
    expect((await held.register.read.credential.findFirstOrThrow()).personId).not.toBe(personId);
  });

  test('a stopped stock card is not given out, a good one is, one of another building is not', async () => {
    const spare = await addCard(held, { personId: null, hex: '1A2B3C4D', status: 'revoked' });
    expect(await refuse(LI)).toEqual(['2 卡号 CARD_STOPPED']);
    await held.register.write((db) => db.credential.update({ where: { id: spare }, data: { status: 'active', buildingId: building.buildingId + 1 } }));
    expect(await refuse(LI)).toEqual(['2 卡号 CARD_OTHER_BUILDING']);
    await held.register.write((db) => db.credential.update({ where: { id: spare }, data: { buildingId: building.buildingId, kind: 'spare', pinVerifier: new Uint8Array(16) } }));
    expect(await applyRoster(held.register, (await look([LI])).id, YES)).toMatchObject({ credentials: 1 });
    expect(await held.register.read.credential.findMany()).toMatchObject([
      { id: spare, kind: 'tenant', pinVerifier: null, personId: (await held.register.read.person.findFirstOrThrow()).id },
    ]);
  });

  test('his own card that was reported lost stays lost', async () => {
    await applyRoster(held.register, (await look([LI])).id, YES);
    await held.register.write((db) => db.credential.updateMany({ data: { status: 'revoked' } }));
    const again = await look([LI]);
    expect([found(again), again.unchanged]).toEqual([['2 卡号 CARD_STOPPED (warning)'], 1]);
    await applyRoster(held.register, again.id, YES);
    expect((await held.register.read.credential.findFirstOrThrow()).status).toBe('revoked');
  });

  test('a tenancy that has ended is not opened again, and another contract date does not overwrite', async () => {
    await applyRoster(held.register, (await look([LI])).id, YES);
    const other = await look([LI.replace('2027-02-28', '2027-06-30')]);
    expect([found(other), other.unchanged]).toEqual([['2 退租日期 TERM_KEPT (warning)'], 1]);
    await held.register.write((db) => db.tenancy.updateMany({ data: { accessUntil: BigInt(NOON), endedBy: 'movedOut' } }));
    const before = await snapshot();
    const again = await look([LI, HAN]);
    expect([found(again), again.unchanged]).toEqual([['2 起租日期 TENANCY_ENDED (warning)', '3 起租日期 TENANCY_ENDED (warning)'], 2]);
    await applyRoster(held.register, again.id, YES);
    expect(await snapshot()).toEqual(before);
  });
});

describe('all or nothing', () => {
  const BAD = HAN.replace('890101198808150225', '890101198808150224');

  test('one bad row keeps every row out, unless the person chooses the good ones', async () => {
    const preview = await look([LI, BAD]);
    expect(preview).toMatchObject({ good: 1, bad: 1 });
    const before = await snapshot();
    expect(await applyRoster(held.register, preview.id, YES)).toBeUndefined();
    expect(await snapshot()).toEqual(before);
    expect(await applyRoster(held.register, preview.id, { ...YES, goodRowsOnly: true })).toMatchObject({ people: 1, tenancies: 1, credentials: 1, skipped: 1 });
  });

  test('what the register learned between looking and applying counts', async () => {
    const preview = await look([LI, HAN]);
    const { personId } = await addTenant(held, { unitId: building.units['0201'] ?? 0, name: '李雷' });
    await addCard(held, { personId, hex: '5C5D5E5F' });
    const before = await snapshot();
    expect(await applyRoster(held.register, preview.id, YES)).toBeUndefined();
    expect(await snapshot()).toEqual(before);
    expect(await applyRoster(held.register, preview.id, { ...YES, goodRowsOnly: true })).toEqual({ people: 0, tenancies: 1, credentials: 1, units: 0, unchanged: 0, skipped: 1 });
  });

  test('a failing statement undoes the ones before it, and the import can be applied afterwards', async () => {
    const preview = await look([LI, HAN]);
    await held.register.write((db) => db.$executeRawUnsafe(`CREATE TRIGGER "stop" BEFORE INSERT ON "Credential" WHEN NEW."tail" = '5E5F' BEGIN SELECT RAISE(ABORT, 'stop'); END`));
    const before = await snapshot();
    await expect(applyRoster(held.register, preview.id, YES)).rejects.toThrow();
    expect(await snapshot()).toEqual(before);
    await held.register.write((db) => db.$executeRawUnsafe('DROP TRIGGER "stop"'));
    expect(await applyRoster(held.register, preview.id, YES)).toMatchObject({ people: 2 });
  });

  test('a file that cannot be used changes nothing, also with good rows only', async () => {
    const preview = await look([], 'a,b');
    expect(preview).toMatchObject({ rows: 0, good: 0, bad: 1, findings: [{ row: 0, code: 'FILE_HEADER' }] });
    expect(await applyRoster(held.register, preview.id, YES)).toBeUndefined();
    expect(await applyRoster(held.register, preview.id, { ...YES, goodRowsOnly: true })).toMatchObject({ people: 0, tenancies: 0 });
  });

  test('what was looked at is sealed and forgotten after a day', async () => {
    const preview = await look([LI]);
    const row = await held.register.read.rosterImport.findUniqueOrThrow({ where: { id: preview.id } });
    expect(Buffer.from(row.bodySealed ?? []).includes('李雷')).toBe(false);
    await previewRoster(held.register, { buildingId: building.buildingId, accountId: null, fileName: 'later.csv', bytes: Buffer.from(`${HEADER}\n${LI}`) }, NOON + DAY + 1);
    expect(await findRoster(held.register, preview.id)).toBeUndefined();
    await expect(applyRoster(held.register, preview.id, YES)).rejects.toThrow(/older than a day/);
  });
});
