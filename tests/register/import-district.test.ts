import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importDistrict } from '../../gateway/cli/district-command.ts';
import { CommandFailed, type LocalGateway } from '../../gateway/cli/local-gateway.ts';
import type { DistrictApplied } from '../../gateway/http/schemas/district-import.ts';
import { sealPartWith } from '../../gateway/register/district-rows.ts';
import { importDistrictPart } from '../../gateway/register/import-district.ts';
import { addBuilding, BUILDING_CODE, NOON, temporaryRegister, type TestRegister } from '../helpers/register.ts';

let held: TestRegister;
let dir: string;
beforeEach(async () => {
  held = await temporaryRegister();
  await addBuilding(held);
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-district-'));
});
afterEach(async () => {
  await held.close();
  rmSync(dir, { recursive: true, force: true });
});

const HEAD = '姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号,关系';
const OTHER = '890101001001B00077';
const row = (name: string, document: string, home: string, card = ''): string => `${name},居民身份证,${document},,${home},2026-03-01,2027-02-28,${card},本人`;
const LI = row('李雷', '890101199003070118', `${BUILDING_CODE}-0503`, '1A2B3C4D');
const LI_TOO = row('李雷', '890101199003070118', `${OTHER}-0101`);
const HAN = row('韩梅梅', '890101198808150225', `${OTHER}-0101`, '5C5D5E5F');

const take = (rows: readonly string[], wish: { makeBuildings?: boolean; seal?: ReturnType<typeof sealPartWith> } = {}) =>
  importDistrictPart(
    held.register,
    wish.seal ?? sealPartWith(held.register.vault),
    { bytes: Buffer.from([HEAD, ...rows, ''].join('\n')), attested: true, makeBuildings: wish.makeBuildings ?? true },
    NOON,
  );
const codes = (applied: Omit<DistrictApplied, 'entry'>): string[] => applied.findings.map(({ row: at, code, warning }) => `${at} ${code}${warning ? ' (warning)' : ''}`);

test('people of several buildings come in, one person in two homes stays one, and the buildings are made', async () => {
  expect(await take([LI, LI_TOO, HAN])).toEqual({
    ...{ usable: true, rows: 3, buildings: 1, people: 2, tenancies: 2, credentials: 2, units: 1, unchanged: 0, skipped: 0 },
    findings: [],
  });
  const { read, vault } = held.register;
  const people = await read.person.findMany({ include: { occupancies: { include: { tenancy: { include: { unit: true } } } }, credentials: true }, orderBy: { id: 'asc' } });
  expect(people.map(({ nameSealed, documentCheckedBy }) => [vault.open('person.name', nameSealed), documentCheckedBy])).toEqual([
    ['李雷', 'landlord'],
    ['韩梅梅', 'landlord'],
  ]);
  expect(people.map(({ occupancies }) => occupancies.map(({ tenancy }) => tenancy.unit.code))).toEqual([[`${BUILDING_CODE}-0503`, `${OTHER}-0101`], [`${OTHER}-0101`]]);
  expect(people.map(({ credentials }) => credentials.map(({ tail }) => tail))).toEqual([['3C4D'], ['5E5F']]);
  expect(await read.building.findUnique({ where: { code: OTHER }, include: { site: true } })).toMatchObject({ name: OTHER, site: { code: OTHER.toLowerCase() } });
});

test('the same piece again changes nothing, and a row that was put right comes in', async () => {
  await take([LI, HAN.replace('0225', '0226')]);
  expect(await take([LI, HAN])).toMatchObject({ people: 1, tenancies: 1, credentials: 1, unchanged: 1, skipped: 0 });
  expect(await take([LI, HAN])).toMatchObject({ people: 0, tenancies: 0, credentials: 0, unchanged: 2, buildings: 0 });
});

test('what cannot come in is named, and keeps nobody else out', async () => {
  const applied = await take(
    [
      LI,
      row('甲', '890101199003070118', `${BUILDING_CODE}-0503`),
      row('乙', '890101198808150225', '0503'),
      row('丙', '890101198808150225', `${OTHER}-0101`),
      row('丁', '890101198808150226', `${BUILDING_CODE}-0601`),
    ],
    { makeBuildings: false },
  );
  expect(codes(applied)).toEqual(['3 PERSON_NAME_CLASH', '3 PERSON_TWICE', '4 UNIT_CODE_NEEDED', '5 BUILDING_UNKNOWN', '6 ID_CHECKSUM']);
  expect(applied).toMatchObject({ rows: 5, people: 1, skipped: 4 });
});

test('a card of the building before is not given to somebody of the next', async () => {
  const applied = await take([LI, row('韩梅梅', '890101198808150225', `${OTHER}-0101`, '1A2B3C4D')]);
  expect([codes(applied), applied.people, applied.skipped]).toEqual([['3 CARD_HELD'], 1, 1]);
});

test('a piece without the columns is not used, and says which are missing', async () => {
  const applied = await importDistrictPart(
    held.register,
    sealPartWith(held.register.vault),
    { bytes: Buffer.from('姓名,卡号\n李雷,1A2B3C4D\n'), attested: true, makeBuildings: true },
    NOON,
  );
  expect([applied.usable, codes(applied), applied.findings[0]?.column]).toEqual([false, ['0 FILE_COLUMN_MISSING'], '房号, 起租日期']);
});

test('what was sealed under keys that have changed since is sealed again', async () => {
  const seal = sealPartWith(held.register.vault);
  let asked = 0;
  const old: typeof seal = async (bytes, context) => {
    asked += 1;
    const part = await seal(bytes, context);
    return asked === 1 ? { ...part, sealHead: Uint8Array.of(2, 0, 9) } : part;
  };
  expect(await take([LI], { seal: old })).toMatchObject({ people: 1 });
  expect(asked).toBe(2);
  await expect(take([HAN], { seal: async (bytes, context) => ({ ...(await seal(bytes, context)), hashKey: 9 }) })).rejects.toThrow('changed again and again');
});

/** The gateway as the command line asks it. */
const gateway: LocalGateway = {
  ports: { port: 1, mqttPort: 2, mqttsPort: undefined },
  async ask(answer, { path: asked, body }) {
    const query = new URLSearchParams(asked.split('?')[1]);
    const wish = { bytes: body?.bytes ?? Buffer.alloc(0), attested: query.get('attested') === 'true', makeBuildings: query.get('makeBuildings') === 'true' };
    const applied = { ...(await importDistrictPart(held.register, sealPartWith(held.register.vault), wish, NOON)), entry: 1 };
    return Value.Parse(answer, applied);
  },
};

async function command(text: string, wish: { language?: 'zh' | 'en' } = {}): Promise<{ whole: boolean; said: string[]; findings: string }> {
  const file = path.join(dir, 'people.csv');
  writeFileSync(file, text);
  const said: string[] = [];
  const terminal = { language: wish.language ?? ('en' as const), say: (line: string) => void said.push(line), confirm: undefined };
  const whole = await importDistrict(gateway, { file, attest: true, makeBuildings: true }, terminal);
  const about = said.find((line) => line.includes('.findings.csv'));
  return { whole, said, findings: about === undefined ? '' : readFileSync(`${file}.findings.csv`, 'utf8') };
}

test('the command tells what came in, and puts what did not into a file of the owner’s with rows of the whole file', async () => {
  const many = Array.from({ length: 12_000 }, (_, at) =>
    row(
      `住户${at}`,
      '',
      `${OTHER}-${String(1 + Math.floor(at / 90))
        .padStart(2, '0')
        .slice(-2)}${String(1 + (at % 90)).padStart(2, '0')}`,
    ),
  );
  const { whole, said, findings } = await command([HEAD, LI, ...many, HAN.replace('0225', '0226'), ''].join('\n'));
  expect(whole).toBe(false);
  expect(said.at(-2)).toContain('Imported: 1 people, 1 tenancies, 1 cards, 0 homes, 0 new buildings; 0 rows changed nothing, 12001 were left out.');
  expect(findings.split('\r\n').at(-2)).toContain('12003,refused,证件号码');
  expect(statSync(path.join(dir, 'people.csv.findings.csv')).mode & 0o777).toBe(0o600);
});

test('a file that is whole leaves no findings, and one that is none says what was expected', async () => {
  expect(await command([HEAD, LI, HAN, ''].join('\n'), { language: 'zh' })).toMatchObject({ whole: true, findings: '' });
  await expect(command('\uFEFF姓名,卡号\n李雷,1A2B3C4D\n')).rejects.toThrow(CommandFailed);
  await expect(command(`${HEAD}\n"${'x'.repeat(300_000)}`)).rejects.toThrow('a quotation mark is not closed');
  await expect(command('PK\u0003\u0004zip')).rejects.toThrow('expected CSV');
  const terminal = { language: 'en' as const, say: () => undefined, confirm: undefined };
  await expect(importDistrict(gateway, { file: path.join(dir, 'none.csv'), attest: true, makeBuildings: false }, terminal)).rejects.toThrow('there is no such file');
});
