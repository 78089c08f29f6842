import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkCharacter } from '../../gateway/core/citizen-id.ts';
import { applyRoster, previewRoster } from '../../gateway/register/import-roster.ts';
import { addBuilding, NOON, temporaryRegister, type TestRegister } from '../helpers/register.ts';

let held: TestRegister;
beforeEach(async () => {
  held = await temporaryRegister();
});
afterEach(() => held.close());

const ROWS = 10_000;
const HEADER = '姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号,关系';

/** A district's worth of invented people. How long it takes is the bench's matter. */
const roster = Array.from({ length: ROWS }, (_, at) => {
  const body = `890101${1970 + (at % 30)}0${1 + (at % 9)}15${String(Math.floor(at / 30) % 1000).padStart(3, '0')}`;
  const room = `${String(1 + (Math.floor(at / 3) % 60)).padStart(2, '0')}${String(10 + (Math.floor(at / 180) % 90))}`;
  return `租客${at},居民身份证,${body}${checkCharacter(body)},120${String(at).padStart(8, '0')},${room},2026-03-01,2027-02-28,${(0xa0000000 + at).toString(16)},`;
});

test('10,000 rows come in whole, and change nothing when they come again', async () => {
  const { buildingId } = await addBuilding(held);
  const bytes = Buffer.from([HEADER, ...roster].join('\n'));
  const look = () => previewRoster(held.register, { buildingId, accountId: null, fileName: 'roster.csv', bytes }, NOON);
  const preview = await look();
  expect([preview.findings.filter((one) => !one.warning), preview.good]).toEqual([[], ROWS]);
  expect(await applyRoster(held.register, preview.id, { goodRowsOnly: false, attested: true, now: NOON })).toMatchObject({ people: ROWS, credentials: ROWS, skipped: 0 });
  expect(await look()).toMatchObject({ newPeople: 0, newCredentials: 0, newTenancies: 0, unchanged: ROWS });
});
