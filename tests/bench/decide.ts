import { randomBytes } from 'node:crypto';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { decide } from '../../gateway/core/decide.ts';
import { BuildingId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { bounded, type Row } from './row.ts';

const CREDENTIALS = 1_500_000;
const PEOPLE = 1_140_000;
const UNITS = 443_000;
const BUILDINGS = 20_000;
const LOOKUPS = 400_000;

/** Fingerprint of card n: as uniform as an HMAC, without 1.5 million HMACs. */
function prints(): { readonly bytes: Buffer; of(n: number): Uint8Array } {
  const bytes = randomBytes(CREDENTIALS * 12);
  return { bytes, of: (n) => bytes.subarray(n * 12, n * 12 + 12) };
}

/** Decision with its facts from the index, and the same question to a Map of objects, in a district of 1.5 million cards. */
export function decideBench(): Row[] {
  const print = prints();
  const index = createAccessIndex(CREDENTIALS);
  for (let b = 1; b <= BUILDINGS; b++) {
    index.putBuilding(BuildingId(b), null);
    index.putDoor({ id: DoorId(b), buildingId: BuildingId(b), unitId: 0, openMs: 5000, lockdownUntil: 0, passbackMs: 0, passbackHard: false });
  }
  for (let p = 1; p <= PEOPLE; p++) {
    const unit = (p % UNITS) + 1;
    index.putPerson({ id: PersonId(p), registered: true, slow: false });
    index.putTenancy(TenancyId(p), [
      {
        personId: PersonId(p),
        tenancyId: TenancyId(p),
        unitId: UnitId(unit),
        buildingId: BuildingId((unit % BUILDINGS) + 1),
        from: 1000,
        accessUntil: 0,
        termEnd: 0,
        registrationDue: 0,
      },
    ]);
  }
  const map = new Map<string, { readonly person: number; readonly status: string }>();
  for (let c = 0; c < CREDENTIALS; c++) {
    const person = (c % PEOPLE) + 1;
    index.putCredential({ id: CredentialId(c + 1), fingerprint: print.of(c), status: 'active', validFrom: 0, validUntil: 0, personId: PersonId(person) });
    map.set(Buffer.from(print.of(c)).toString('hex'), { person, status: 'active' });
  }
  const asked = Array.from({ length: LOOKUPS }, (_, at) => (at * 7919 + 13) % CREDENTIALS);
  const doors = asked.map((c) => DoorId((((((c % PEOPLE) + 1) % UNITS) + 1) % BUILDINGS) + 1));
  const now = Date.now();
  const ours = (): number => {
    let granted = 0;
    for (let at = 0; at < LOOKUPS; at++) if (decide(index.facts(doors[at] ?? 0, print.of(asked[at] ?? 0)), now).granted) granted += 1;
    return granted;
  };
  const bare = (): number => {
    let found = 0;
    for (const c of asked) if (map.get(Buffer.from(print.bytes.buffer, print.bytes.byteOffset + c * 12, 12).toString('hex'))?.status === 'active') found += 1;
    return found;
  };
  const timed = (run: () => number): number => {
    run();
    const began = performance.now();
    if (run() !== LOOKUPS) throw new Error('the bench decided wrongly');
    return ((performance.now() - began) * 1000) / LOOKUPS;
  };
  return [
    bounded('decide with facts, 1.5 m credentials', { ours: timed(ours), bare: timed(bare) }, 2, 'µs'),
    bounded('access index in memory, 1.5 m credentials', { ours: index.bytes / 2 ** 20 }, 400, 'MB'),
  ];
}
