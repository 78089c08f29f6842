import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CredentialRow, createAccessIndex } from '../../gateway/core/access-index.ts';
import type { OccupancyRow } from '../../gateway/core/people-table.ts';
import { createCredentialTable } from '../../gateway/core/credential-table.ts';
import { BuildingId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';

const SECOND = 1000;
const print = (seed: number): Uint8Array => Uint8Array.from({ length: 12 }, (_, at) => (seed * (at + 7) * 131) & 255);
const credential = (id: number, person = 1, seed = id): CredentialRow => ({
  id: CredentialId(id),
  fingerprint: print(seed),
  status: 'active',
  validFrom: 0,
  validUntil: 0,
  personId: PersonId(person),
});
const occupancy = (person: number, tenancy: number, unit = 1): OccupancyRow => ({
  personId: PersonId(person),
  tenancyId: TenancyId(tenancy),
  unitId: UnitId(unit),
  buildingId: BuildingId(1),
  from: SECOND,
  accessUntil: 0,
  termEnd: 50 * SECOND,
  registrationDue: 0,
});

describe('access index', () => {
  test('finds the holder, the home and the door of a fingerprint', () => {
    const index = createAccessIndex();
    index.putBuilding(BuildingId(1), null);
    index.putDoor({ id: DoorId(3), buildingId: BuildingId(1), unitId: 0, openMs: 5000, lockdown: false });
    index.putPerson({ id: PersonId(4), registered: true, slow: true });
    index.putTenancy(TenancyId(8), [occupancy(4, 8)]);
    index.putCredential(credential(900, 4));
    const facts = index.facts(DoorId(3), print(900));
    expect(facts.door).toMatchObject({ id: 3, holdoverDays: null });
    expect(facts.credential).toMatchObject({ id: 900, status: 'active', personId: 4 });
    expect(facts.person).toEqual({ id: 4, registered: true, slow: true });
    expect(facts.occupancies).toEqual([{ tenancyId: 8, unitId: 1, buildingId: 1, from: SECOND, accessUntil: 0, termEnd: 50 * SECOND, registrationDue: 0 }]);
  });

  test('knows nothing of an unknown card, a door without a building, or a person who was removed', () => {
    const index = createAccessIndex();
    index.putDoor({ id: DoorId(3), buildingId: BuildingId(9), unitId: 0, openMs: 5000, lockdown: false });
    index.putPerson({ id: PersonId(4), registered: true, slow: false });
    index.putCredential(credential(1, 4));
    index.removePerson(PersonId(4));
    expect(index.facts(DoorId(3), print(1))).toMatchObject({ door: undefined, person: undefined, occupancies: [] });
    expect(index.facts(DoorId(3), print(2)).credential).toBeUndefined();
    expect(index.facts(0, undefined)).toEqual({ door: undefined, credential: undefined, person: undefined, occupancies: [] });
  });

  test('two fingerprints that differ only in the last bit are two cards', () => {
    const table = createCredentialTable();
    const twin = print(5);
    twin[11] = (twin[11] ?? 0) ^ 1;
    table.put(1, print(5));
    expect(table.find(twin)).toBe(0);
    table.put(2, twin);
    expect([table.find(print(5)), table.find(twin)]).toEqual([1, 2]);
  });
});

type Step = { readonly act: 'put' | 'remove'; readonly row: number; readonly seed: number };
const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom('put' as const, 'remove' as const),
  row: fc.integer({ min: 1, max: 40 }),
  seed: fc.integer({ min: 1, max: 25 }),
});

describe('credential table, against a Map', () => {
  test('gives the same answers after any sequence of changes, also when fingerprints share their first word', () => {
    const clash = (seed: number): Uint8Array => Uint8Array.from([0, 0, 0, seed % 3, ...print(seed).subarray(4)]);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = createCredentialTable();
        const held = new Map<number, number>(); // row → seed
        for (const { act, row, seed } of steps) {
          // The register never gives one fingerprint to two rows: the older one is dropped first or after, both orders happen.
          const owner = [...held].find(([other, its]) => its === seed && other !== row)?.[0];
          if (act === 'put') {
            if (owner !== undefined) held.delete(owner);
            table.put(row, clash(seed));
            if (owner !== undefined) table.remove(owner);
            held.set(row, seed);
          } else {
            table.remove(row);
            held.delete(row);
          }
        }
        const bySeed = new Map([...held].map(([row, seed]) => [seed, row]));
        for (let seed = 1; seed <= 25; seed++) expect(table.find(clash(seed))).toBe(bySeed.get(seed) ?? 0);
        expect(table.size).toBe(held.size);
      }),
    );
  });

  test('occupancies of a person follow any sequence of tenancy changes', () => {
    const change = fc.record({ tenancy: fc.integer({ min: 1, max: 6 }), people: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const index = createAccessIndex();
        const held = new Map<number, number[]>();
        for (let person = 1; person <= 5; person++) {
          index.putPerson({ id: PersonId(person), registered: true, slow: false });
          index.putCredential(credential(person, person));
        }
        for (const { tenancy, people } of changes) {
          index.putTenancy(
            TenancyId(tenancy),
            people.map((person) => occupancy(person, tenancy)),
          );
          held.set(tenancy, people);
        }
        for (let person = 1; person <= 5; person++) {
          const found = index
            .facts(0, print(person))
            .occupancies.map((o) => o.tenancyId as number)
            .sort();
          expect(found).toEqual(
            [...held]
              .filter(([, people]) => people.includes(person))
              .map(([tenancy]) => tenancy)
              .sort(),
          );
        }
      }),
    );
  });
});
