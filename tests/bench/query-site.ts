import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../gateway/journal/client.ts';
import { dayNumber } from '../../gateway/http/disclosure/looks.ts';
import type { JournalReader, TimeRange } from '../../gateway/journal/reader.ts';
import { signedIn, type World, world } from '../http/fixture.ts';
import { BUILDINGS, buildingOf, DOORS, END, PEOPLE, unitOf, UNITS } from './query-district.ts';

/** An officer at a real desk over a log: the routes, the register with the district in it, and a log of its own for what is noted. */
export interface Desk {
  /** Opens a purpose for a building and the desk's range of the log, with people, as an officer must before he sees anybody. */
  purpose(buildingId: number): Promise<number>;
  /** The answer's lines, and how long it took, ms. */
  entries(purpose: number, query: Readonly<Record<string, string | number>>): Promise<{ readonly indexes: readonly number[]; readonly ms: number }>;
  /** How many homes the answer counts, and how long it took, ms. */
  counts(purpose: number): Promise<{ readonly units: number; readonly ms: number }>;
  close(): Promise<void>;
}

const numbers = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);

/** Puts the district into the register, around the two buildings a world begins with. */
async function settle({ register: { register } }: World): Promise<void> {
  const { vault } = register;
  const sealed = numbers(1, PEOPLE).map((id) => ({ id, nameSealed: vault.seal('person.name', `测试${id}`), createdAt: 1, documentCheckedBy: 'landlord' }));
  await register.write(async (db) => {
    const [siteId, units, doors] = [(await db.site.findFirstOrThrow()).id, await db.rentalUnit.count(), await db.door.count()];
    await db.building.createMany({ data: numbers(3, BUILDINGS).map((id) => ({ id, code: `B${id}`, siteId, name: `测试 ${id} 号` })) });
    for (const id of numbers(1, units)) await db.rentalUnit.update({ where: { id }, data: { buildingId: buildingOf(id), room: `R${id}` } });
    for (const id of numbers(1, doors)) await db.door.update({ where: { id }, data: { buildingId: Math.ceil(id / 3) } });
    await db.rentalUnit.createMany({ data: numbers(units + 1, UNITS).map((id) => ({ id, code: `U${id}`, buildingId: buildingOf(id), floor: 1, room: `R${id}` })) });
    await db.door.createMany({ data: numbers(doors + 1, DOORS).map((id) => ({ id, code: `D${id}`, buildingId: Math.ceil(id / 3), kind: 'street', name: `门 ${id}` })) });
    await db.person.createMany({ data: sealed });
    await db.tenancy.createMany({ data: numbers(1, UNITS).map((id) => ({ id, unitId: id, startAt: 1, createdAt: 1 })) });
    await db.occupant.createMany({ data: sealed.map(({ id }) => ({ tenancyId: unitOf(id), personId: id, fromAt: 1 })) });
  });
}

/** The desk over this log, its purposes for this range. What is noted goes to disk in a log beside it, so that the measured one stays as it is. */
export async function openDesk(reader: JournalReader, range: TimeRange): Promise<Desk> {
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-bench-desk-'));
  const journal = await openJournal({ file: join(dir, 'journal.sqlite'), keysDir: join(dir, 'keys'), root: randomBytes(32) });
  const here = await world({ journal: reader, append: journal.append });
  here.time.now = END + 3_600_000;
  await settle(here);
  await here.site.registerChanged();
  const officer = await signedIn(here, 'OF', numbers(1, BUILDINGS));
  const account = await here.site.deps.accounts.byLogin(`of-${numbers(1, BUILDINGS).join('-')}`);
  const opened = new Map<number, number>();
  async function get(url: string): Promise<{ readonly body: string; readonly ms: number }> {
    const began = performance.now();
    const { statusCode, body } = await here.app.inject({
      method: 'GET',
      url: `/api/v1/${url}`,
      remoteAddress: '127.0.0.1',
      headers: { host: 'localhost:8080', cookie: officer.cookie },
    });
    const ms = performance.now() - began;
    if (statusCode !== 200) throw new Error(`${url}: ${statusCode} ${body}`);
    return { body, ms };
  }
  return {
    async purpose(buildingId) {
      const known = opened.get(buildingId);
      if (known !== undefined) return known;
      // What a second person would do when the day's look-ups are spent.
      await here.site.looks.release(account?.id ?? 0, dayNumber(here.time.now));
      const wish = { purpose: 'incident', reason: 'a bench, not a person', buildingId, ...range };
      const { json, status, text } = await officer.ask('POST', 'purposes', wish);
      if (status !== 201) throw new Error(`purposes: ${status} ${text}`);
      const id = Number(json['id']);
      await officer.ask('POST', `purposes/${id}/people`, { reason: 'to see who it was' });
      opened.set(buildingId, id);
      return id;
    },
    async entries(purpose, query) {
      const words = Object.entries(query)
        .map(([name, value]) => `&${name}=${value}`)
        .join('');
      const { body, ms } = await get(`purposes/${purpose}/entries?limit=50${words}`);
      const { lines }: { lines: readonly { readonly index: number }[] } = JSON.parse(body);
      return { indexes: lines.map((line) => line.index), ms };
    },
    async counts(purpose) {
      const { body, ms } = await get(`purposes/${purpose}/units`);
      const { units }: { units: readonly object[] } = JSON.parse(body);
      return { units: units.length, ms };
    },
    async close() {
      await here.close();
      await journal.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
