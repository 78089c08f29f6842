import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { nameTerms } from '../../gateway/store/name-terms.ts';
import { type People, peopleOf } from '../../gateway/store/people.ts';
import { pinyinReader } from '../../gateway/store/pinyin.ts';
import { addBuilding, addTenant, NOON, type TestBuilding, type TestRegister, temporaryRegister } from '../helpers/register.ts';

let made: TestRegister;
let building: TestBuilding;
let people: People;
async function fresh(): Promise<void> {
  made = await temporaryRegister();
  building = await addBuilding(made);
  people = peopleOf(made.register);
}

interface Papers {
  readonly type?: string;
  readonly document?: string;
  readonly phone?: string;
}

/** Somebody in the register who lives nowhere; terms are made when they are asked for. */
async function person(name: string, { type = '111', document = '', phone = '' }: Papers = {}): Promise<number> {
  const { vault } = made.register;
  const data = {
    nameSealed: vault.seal('person.name', name),
    documentType: type,
    documentSealed: document === '' ? null : vault.seal('person.document', document),
    documentTail: document.slice(-4),
    phoneSealed: phone === '' ? null : vault.seal('person.phone', phone),
    phoneTail: phone.slice(-4),
    createdAt: NOON,
  };
  return (await made.register.write((db) => db.person.create({ data }))).id;
}

async function allCaughtUp(): Promise<void> {
  while ((await people.catchUp()) > 0);
}

async function named(names: readonly string[]): Promise<ReadonlyMap<number, string>> {
  const ids = new Map<number, string>();
  for (const name of names) ids.set(await person(name), name);
  await allCaughtUp();
  return ids;
}

const NAMES = ['李小明', '李晓敏', '单雄信', '欧阳修文', '吕布', '曾国藩', '乐嘉', '买买提·吐尔逊', 'Anna Müller', '王伟', '𠮷野家', '上官婉儿'];

describe('by name', () => {
  let ids: ReadonlyMap<number, string>;
  beforeAll(async () => {
    await fresh();
    ids = await named(NAMES);
  });
  afterAll(() => made.close());

  test.each([
    ['李小明', ['李小明']],
    ['小明', ['李小明']],
    ['李小', ['李小明']],
    ['lixiaoming', ['李小明']],
    ['LI Xiaoming', ['李小明']],
    ['li xiao ming', ['李小明']],
    ['Lǐ Xiǎomíng', ['李小明']],
    ['ｌｉｘｉａｏｍｉｎｇ', ['李小明']],
    ['xiaoming', ['李小明']],
    ['lxm', ['李小明', '李晓敏']],
    ['LXM', ['李小明', '李晓敏']],
    ['shanxiongxin', ['单雄信']],
    ['danxiongxin', ['单雄信']],
    ['sxx', ['单雄信']],
    ['dxx', ['单雄信']],
    ['ouyangxiuwen', ['欧阳修文']],
    ['修文', ['欧阳修文']],
    ['欧阳修', ['欧阳修文']],
    ['oyxw', ['欧阳修文']],
    ['婉儿', ['上官婉儿']],
    ['lübu', ['吕布']],
    ['lvbu', ['吕布']],
    ['lyubu', ['吕布']],
    ['lubu', ['吕布']],
    ['zengguofan', ['曾国藩']],
    ['yuejia', ['乐嘉']],
    ['lejia', ['乐嘉']],
    ['买买提·吐尔逊', ['买买提·吐尔逊']],
    ['买买提吐尔逊', ['买买提·吐尔逊']],
    ['买买提‧吐尔逊', ['买买提·吐尔逊']],
    ['吐尔逊', ['买买提·吐尔逊']],
    ['maimaiti', ['买买提·吐尔逊']],
    ['maimaitituerxun', ['买买提·吐尔逊']],
    ['anna muller', ['Anna Müller']],
    ['MÜLLER', ['Anna Müller']],
    ['Muller', ['Anna Müller']],
    ['am', ['Anna Müller']],
    ['𠮷野家', ['𠮷野家']],
    ['王 伟', ['王伟']],
    ['王小明', []],
    ['明', []],
    ['', []],
    [' · ', []],
  ])('“%s” finds %j', async (query, found) => {
    expect((await people.find(query, { limit: 50 })).map(({ id }) => ids.get(id))).toEqual(found);
  });

  test('a name of three characters has six terms, on average people have no more, and none has more than ten', async () => {
    const read = await pinyinReader();
    expect(nameTerms('李小明', read)).toEqual(['李小明', '小明', '李小', 'xiaoming', 'lixiaoming', 'lxm']);
    const common = [...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗'].flatMap((surname) => ['伟', '秀英', '娜', '小明', '志强', '建国', '丽'].map((given) => surname + given));
    const counts = common.map((name) => nameTerms(name, read).length);
    expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeLessThanOrEqual(6);
    expect(Math.max(...counts, nameTerms('古丽·买买提·单·Müller van der Berg', read).length)).toBeLessThanOrEqual(10);
    expect(nameTerms('·', read)).toEqual([]);
  });

  test('what lies in the database is eight bytes of a keyed hash', async () => {
    const [li] = [...ids].find(([, name]) => name === '李小明') ?? [];
    const rows = await made.register.read.personTerm.findMany({ where: { personId: li ?? 0 } });
    expect(rows.map(({ hash }) => hash.length)).toEqual([8, 8, 8, 8, 8, 8]);
    expect(rows.some(({ hash }) => Buffer.from(hash).equals(Buffer.from(made.register.vault.hash('term', 'lxm'))))).toBe(true);
  });
});

describe('by number', () => {
  beforeEach(fresh);
  afterEach(() => made.close());

  const LI = { document: '890101199003070118', phone: '+8612000000001' };
  test.each([
    ['890101199003070118'],
    ['８９０１０１１９９００３０７０１１８'],
    ['890101 19900307 0118'],
    ['12000000001'],
    ['+86 120 0000 0001'],
    ['120 0000 0001'],
    ['0118'],
    ['0001'],
    ['李小明 0118'],
    ['0001 lxm'],
  ])('“%s” finds him', async (query) => {
    const id = await person('李小明', LI);
    await person('李小明', { document: '89010119900307021X', phone: '+8612000000002' });
    await allCaughtUp();
    expect(await people.find(query, { limit: 5 })).toEqual([{ id }]);
  });

  test('the last character of a document may be an X, however it is typed', async () => {
    const id = await person('李小明', { document: '89010119900307021X' });
    await allCaughtUp();
    for (const query of ['021x', '021X', '89010119900307021x']) expect(await people.find(query, { limit: 5 }), query).toEqual([{ id }]);
  });

  test('a passport, and a citizen’s number on a household register', async () => {
    const passport = await person('Anna Müller', { type: '414', document: 'E12345678' });
    const child = await person('李小小', { type: '113', document: '890101199003070118' });
    await allCaughtUp();
    expect(await people.find('e12345678', { limit: 5 })).toEqual([{ id: passport }]);
    expect(await people.find('890101199003070118', { limit: 5 })).toEqual([{ id: child }]);
  });

  test('another’s last four with the right name finds nobody', async () => {
    await person('李小明', LI);
    await person('王伟', { document: '890101199003072222' });
    await allCaughtUp();
    expect(await people.find('李小明 2222', { limit: 5 })).toEqual([]);
  });
});

describe('pages and places', () => {
  beforeEach(fresh);
  afterEach(() => made.close());

  test('limit and after walk through everybody once', async () => {
    const ids = [...(await named(['王伟', '王伟', '王伟', '王伟', '王伟'])).keys()];
    const found: number[] = [];
    for (let after = 0; ; ) {
      const page = await people.find('王伟', { limit: 2, after });
      found.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
    expect(found).toEqual(ids);
  });

  test('a scope counts before the limit does, by building and by home', async () => {
    const other = await addBuilding(made, '890101001001B00043', 'yc43');
    const far = await addTenant(made, { unitId: other.units['0201'] ?? 0, name: '王伟' });
    const near = await addTenant(made, { unitId: building.units['0201'] ?? 0, name: '王伟' });
    await allCaughtUp();
    const ask = (buildings: number[], units: [number, number][]) => people.find('王伟', { limit: 1, scope: { all: false, buildings: new Set(buildings), units: new Map(units) } });
    expect(await ask([building.buildingId], [])).toEqual([{ id: near.personId }]);
    expect(await ask([], [[building.units['0201'] ?? 0, building.buildingId]])).toEqual([{ id: near.personId }]);
    expect(await ask([], [[building.units['0202'] ?? 0, building.buildingId]])).toEqual([]);
    expect(await ask([], [])).toEqual([]);
    expect(await people.find('王伟', { limit: 1 })).toEqual([{ id: far.personId }]);
  });
});

describe('keeping in step', () => {
  beforeEach(fresh);
  afterEach(() => made.close());

  test('a changed name is found by the new one alone, after catching up or at once', async () => {
    const [id = 0] = (await named(['李小明'])).keys();
    const { vault, write } = made.register;
    await write((db) => db.person.update({ where: { id }, data: { nameSealed: vault.seal('person.name', '王芳'), termForm: 0 } }));
    await allCaughtUp();
    expect([await people.find('lxm', { limit: 5 }), await people.find('wangfang', { limit: 5 })]).toEqual([[], [{ id }]]);
    await write((db) => db.person.update({ where: { id }, data: { nameSealed: vault.seal('person.name', '') } }));
    await people.setTerms([id]);
    expect(await people.find('wangfang', { limit: 5 })).toEqual([]);
    expect(await made.register.read.personTerm.count()).toBe(0);
  });

  test('it goes on until nobody is left, a hundred at a time, and then does nothing', async () => {
    for (let at = 0; at < 130; at += 1) await person('王伟');
    expect([await people.catchUp(), await people.catchUp(), await people.catchUp()]).toEqual([100, 30, 0]);
  });

  test('a person is given in the clear by number, and nobody for a number nobody has', async () => {
    const id = await person('李小明', { document: '890101199003070118', phone: '+8612000000001' });
    expect(await people.byId(id)).toMatchObject({ id, name: '李小明', document: '890101199003070118', phone: '+8612000000001' });
    expect(await people.byId(id + 1)).toBeUndefined();
  });
});
