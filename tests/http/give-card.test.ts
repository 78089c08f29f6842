import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { decide } from '../../gateway/core/decide.ts';
import { DoorId } from '../../gateway/core/ids.ts';
import { missedRevocations } from '../../gateway/register/replay-revocations.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { addCard, addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Answer, type Browser, type World, world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
let landlord: Browser;
beforeAll(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL');
});
afterAll(() => here.close());

interface Resident {
  readonly personId: number;
  readonly tenancyId: number;
}
async function resident(about: { accessUntil?: number } = {}, room = '0302'): Promise<Resident> {
  const { personId } = await addTenant(here.register, { unitId: here.building.units[room] ?? 0, ...about });
  const { tenancyId } = await here.register.register.read.occupant.findFirstOrThrow({ where: { personId } });
  return { personId, tenancyId };
}
const give = ({ tenancyId, personId }: Resident, body: object, by = landlord): Promise<Answer> => by.ask('POST', `tenancies/${tenancyId}/cards`, { personId, ...body });
const found = (stopId: unknown, by = landlord): Promise<Answer> => by.ask('POST', `card-stops/${stopId}/found`, {});
const noted = (what: string): string[] => here.journal.entries.flatMap(({ event, person }) => (event.what === what ? [person.words] : []));
const cardOf = (hex: string, bits = 32) => here.register.register.read.credential.findUnique({ where: { fingerprint: here.register.register.vault.fingerprint({ bits, hex }) } });

async function lost(hex: string): Promise<unknown> {
  const card = await cardOf(hex);
  return (await landlord.ask('POST', `credentials/${card?.id}/stop`, { reason: 'lost' })).json['id'];
}

/** What the home's own door would decide about a card, by the register as it is. */
function reasonAt(hex: string, at = here.time.now): string {
  const source = openIndexSource(here.register.file);
  const index = createAccessIndex();
  source.load(index);
  source.close();
  return decide(index.facts(DoorId(here.building.doors['D03'] ?? 0), here.register.register.vault.fingerprint({ bits: 32, hex })), at).reason;
}

describe('one more card', () => {
  test('is noted, opens at once, and by the number as printed; a carer’s until its last day', async () => {
    const who = await resident();
    // 8H→10D of 1A2B3C4D (domain.md 3.8).
    expect(await give(who, { number: '0439041101' })).toMatchObject({ status: 200, json: { tail: '3C4D' } });
    expect((await give(who, { number: '1A2B3C5D', kind: 'carer', lastDay: '2026-07-10' })).status).toBe(200);
    expect(['1A2B3C4D', '1A2B3C5D'].map((hex) => reasonAt(hex))).toEqual(['OK', 'OK']);
    expect([(await cardOf('1A2B3C5D'))?.kind, reasonAt('1A2B3C5D', NOON + 10 * DAY)]).toEqual(['carer', 'EXPIRED']);
    expect(noted('card-given')).toEqual(['card=3C4D for=tenant', 'card=3C5D for=carer until=2026-07-10']);
  });

  test('of the stock loses the PIN it had; somebody’s, a stopped one, a short number, a wrong day are refused with the field', async () => {
    const [who, other] = [await resident(), await resident()];
    const stock = await addCard(here.register, { personId: null, hex: '0A0B0C01' });
    await here.register.register.write((db) => db.credential.update({ where: { id: stock }, data: { buildingId: here.building.buildingId, pinVerifier: new Uint8Array(16) } }));
    expect((await give(who, { number: '0A0B0C01', kind: 'spare' })).status).toBe(200);
    expect(await cardOf('0A0B0C01')).toMatchObject({ personId: who.personId, kind: 'spare', pinVerifier: null, createdAt: BigInt(here.time.now) });
    await addCard(here.register, { personId: other.personId, hex: '0A0B0C02' });
    await addCard(here.register, { personId: null, hex: '0A0B0C03', status: 'revoked' });
    const before = noted('card-given').length;
    for (const number of ['0A0B0C01', '0A0B0C02', '0A0B0C03', '043,15437', '08112233', 'nothing']) {
      const { status, text } = await give(who, { number });
      expect([number, status, text]).toMatchObject([number, 400, expect.stringContaining('number')]);
    }
    for (const about of [{ kind: 'carer' }, { kind: 'carer', lastDay: '2026-06-01' }, { kind: 'carer', lastDay: '2028-01-01' }]) {
      const { status, text } = await give(who, { number: '0A0B0C04', ...about });
      expect([status, text]).toMatchObject([400, expect.stringContaining('lastDay')]);
    }
    expect([noted('card-given').length, await cardOf('0A0B0C04')]).toEqual([before, null]);
  });

  test('is for somebody who lives here, by whoever may give cards here', async () => {
    const [gone, who] = [await resident({ accessUntil: NOON - DAY }, '0201'), await resident()];
    expect((await give(gone, { number: '0A0B0C05' })).json['code']).toBe('IS_CLOSED');
    expect((await give({ ...who, personId: gone.personId }, { number: '0A0B0C05' })).status).toBe(404);
    expect((await give(who, { number: '0A0B0C05' }, await deskOf(here, 'LL', { name: 'elsewhere', buildingIds: [here.other.buildingId] }))).status).toBe(404);
    expect((await give(who, { number: '0A0B0C05' }, await deskOf(here, 'OF'))).status).toBe(403);
    expect(await cardOf('0A0B0C05')).toBeNull();
  });

  test('on readers of 24 bits that look the same as somebody’s is refused with the reason', async () => {
    const [who, other] = [await resident(), await resident()];
    const bits = (readerBits: number) => here.register.register.write((db) => db.building.update({ where: { id: here.building.buildingId }, data: { readerBits } }));
    await bits(24);
    expect((await give(other, { number: '2A2B3C4D' })).status).toBe(200);
    const { status, text } = await give(who, { number: '9F2B3C4D' });
    await bits(32);
    expect([status, text]).toMatchObject([400, expect.stringContaining('cannot tell this one')]);
  });
});

describe('a lost card that is found', () => {
  test('works again, and a restore does not stop it again', async () => {
    const who = await resident();
    await give(who, { number: '0B0B0C01' });
    const stop = await lost('0B0B0C01');
    here.time.now += 60_000;
    expect(reasonAt('0B0B0C01')).not.toBe('OK');
    expect((await found(stop)).json).toEqual({ tail: '0C01' });
    expect([reasonAt('0B0B0C01'), noted('card-found')]).toEqual(['OK', [`card=0C01 stop=${stop}`]]);
    const card = (await cardOf('0B0B0C01'))?.id;
    expect(missedRevocations(here.journal, { n: 0 }).filter((each) => 'credentialId' in each && each.credentialId === card)).toEqual([]);
    expect((await found(stop)).json['code']).toBe('CARD_NOT_LOST');
  });

  test('stays stopped once another was given, or its holder has left, or it was not lost', async () => {
    const who = await resident();
    await give(who, { number: '0B0B0C02' });
    const stop = await lost('0B0B0C02');
    here.time.now += 1000;
    await give(who, { number: '0B0B0C03' });
    expect((await found(stop)).json['code']).toBe('CARD_REPLACED');
    const second = await lost('0B0B0C03');
    await here.register.register.write((db) => db.tenancy.update({ where: { id: who.tenancyId }, data: { accessUntil: BigInt(here.time.now) } }));
    expect((await found(second)).json['code']).toBe('CARD_NO_RIGHT');
    const other = await resident();
    await give(other, { number: '0B0B0C04' });
    await give(other, { number: '0B0B0C05' });
    const misused = (await landlord.ask('POST', `credentials/${(await cardOf('0B0B0C04'))?.id}/stop`, { reason: 'misused' })).json['id'];
    expect([(await found(misused)).status, (await cardOf('0B0B0C04'))?.status, noted('card-found').length]).toEqual([404, 'revoked', 1]);
  });
});

describe('a card held to a reader', () => {
  const open = (of: Resident, body: object, by = landlord): Promise<Answer> => by.ask('POST', `tenancies/${of.tenancyId}/card-window`, { personId: of.personId, ...body });
  const look = async (of: Resident) => (await landlord.ask('GET', `tenancies/${of.tenancyId}/card-window`)).json;
  const street = (): number => here.building.doors['D01'] ?? 0;
  const held = (hex: string, entry = 41, doorId = street()) => here.site.cardWindows.heard({ doorId: DoorId(doorId), reading: { bits: 32, hex }, entry });

  test('becomes the resident’s, noted with the entry of its tap; the reader is watched until then', async () => {
    const who = await resident();
    expect((await look(who))['window']).toBeNull();
    expect((await look(who))['doors']).toMatchObject([{ id: street() }, { id: here.building.doors['D02'] }, { id: here.building.doors['D03'] }]);
    const { json } = await open(who, { doorId: street(), kind: 'spare' });
    expect(json).toMatchObject({ state: 'waiting', doorId: street(), leftMs: 60_000, tail: '', refused: null });
    expect(here.watched.at(-1)).toEqual({ doorId: street(), until: here.time.now + 60_000 });
    const before = here.told.changed;
    await held('0D0D0D01');
    expect((await look(who))['window']).toMatchObject({ state: 'given', tail: '0D01', leftMs: 0 });
    expect([(await cardOf('0D0D0D01'))?.kind, reasonAt('0D0D0D01'), here.told.changed > before, here.watched.at(-1)]).toEqual([
      'spare',
      'OK',
      true,
      { doorId: street(), until: 0 },
    ]);
    expect(noted('card-given').at(-1)).toBe('card=0D01 for=spare tap=41');
    await held('0D0D0D02');
    expect(await cardOf('0D0D0D02'), 'one window, one card').toBeNull();
  });

  test('that is somebody’s, stopped, or changes each time is refused with the reason, and the next one may do', async () => {
    const [who, other] = [await resident(), await resident()];
    await give(other, { number: '0D0D0D03' });
    await open(who, { doorId: street() });
    await held('0D0D0D03');
    expect((await look(who))['window']).toMatchObject({ state: 'waiting', refused: { zh: expect.any(String), en: expect.stringContaining('holds this card') } });
    await held('08112233');
    expect((await look(who))['window']).toMatchObject({ state: 'waiting', refused: { en: expect.stringContaining('changes its number') } });
    await held('0D0D0D04', 42, here.building.doors['D02'] ?? 0);
    expect(await cardOf('0D0D0D04'), 'another reader').toBeNull();
    await held('0D0D0D05');
    expect((await look(who))['window']).toMatchObject({ state: 'given', tail: '0D05', refused: null });
  });

  test('is waited for at one reader for one home at a time, for a minute, and no more once it is called off', async () => {
    const [who, other] = [await resident(), await resident({}, '0503')];
    await open(who, { doorId: street() });
    expect((await open(other, { doorId: street() })).json['code']).toBe('CARD_WINDOW_OPEN');
    expect((await open(who, { doorId: here.building.doors['D02'] })).status).toBe(200);
    expect(here.watched.slice(-2)).toEqual([
      { doorId: street(), until: 0 },
      { doorId: here.building.doors['D02'], until: here.time.now + 60_000 },
    ]);
    expect((await open(other, { doorId: street() })).status).toBe(200);
    here.time.now += 60_000;
    expect((await look(other))['window']).toMatchObject({ state: 'over', leftMs: 0 });
    await held('0D0D0D06');
    expect(await cardOf('0D0D0D06')).toBeNull();
    await open(other, { doorId: street() });
    expect((await landlord.ask('DELETE', `tenancies/${other.tenancyId}/card-window`)).status).toBe(204);
    expect([(await look(other))['window'], here.watched.at(-1)]).toMatchObject([{ state: 'ended' }, { doorId: street(), until: 0 }]);
    await held('0D0D0D07');
    expect(await cardOf('0D0D0D07')).toBeNull();
    here.time.now += 10 * 60_000;
    expect((await look(other))['window']).toBeNull();
  });

  test('is for doors of the building or the home, by whoever may give cards there; of somebody whose stay has ended it says so', async () => {
    const who = await resident({}, '0503');
    expect((await open(who, { doorId: here.building.doors['D03'] })).json).toMatchObject({ code: 'BAD_INPUT', field: 'doorId' });
    expect((await open(who, { doorId: 9999 })).json).toMatchObject({ code: 'BAD_INPUT', field: 'doorId' });
    expect((await open(who, { doorId: street() }, await deskOf(here, 'GW'))).json['code']).toBe('NOT_ALLOWED');
    await open(who, { doorId: street() });
    await here.register.register.write((db) => db.tenancy.update({ where: { id: who.tenancyId }, data: { accessUntil: BigInt(here.time.now) } }));
    await held('0D0D0D08');
    expect([(await look(who))['window'], await cardOf('0D0D0D08')]).toMatchObject([{ state: 'waiting', refused: { en: 'His stay here is over.' } }, null]);
  });
});
