import type { WorkPurpose } from '../../gateway/core/work.ts';
import type { WriteDb } from '../../gateway/store/register.ts';
import { readingBytes } from '../../gateway/store/vault.ts';
import { pinVerifier } from '../../gateway/wire/mqtt/pin.ts';
import type { DemoPerson } from './building.ts';

const DAY_MS = 86_400_000;
/** Both have worked here for so long, and go on for half a year. */
const WORKING_DAYS = 90;
const LEFT_DAYS = 180;
/** 07:00 to 19:00 from Monday to Saturday, not on Sundays and public holidays; minutes of the day. */
const DAYTIME = [[420, 1140]];
const CLEANING_WEEK = JSON.stringify([DAYTIME, DAYTIME, DAYTIME, DAYTIME, DAYTIME, DAYTIME, [], []]);

/** Somebody who works in the building. `pin`: of his card. */
export interface DemoWorker {
  readonly person: DemoPerson;
  readonly purpose: WorkPurpose;
  readonly duty: boolean;
  readonly inHours: boolean;
  readonly pin: string | undefined;
}

const born = (name: string, day: string, sex: 1 | 2, card: string): DemoPerson => ({ name, born: day, sex, card, registration: 'accepted' });

export const DEMO_CLEANER: DemoWorker = { person: born('田桂芬', '1972-06-18', 2, '91A3C5E7'), purpose: 'cleaning', duty: false, inHours: true, pin: undefined };
export const DEMO_WATCH: DemoWorker = { person: born('石永强', '1968-11-27', 1, '93B5D7F9'), purpose: 'watch', duty: true, inHours: false, pin: '739105' };

/** Gives both their right, the schedule and a PIN. `personOf` adds a person with a card and says the row number; `now`, `today`: epoch ms. */
export async function addDemoWork(
  db: WriteDb,
  { buildingId, siteId, now, today, personOf }: { buildingId: number; siteId: number; now: number; today: number; personOf: (worker: DemoWorker) => Promise<number> },
): Promise<void> {
  const hours = await db.accessSchedule.create({ data: { siteId, number: 1, name: '保洁时段', week: CLEANING_WEEK } });
  for (const worker of [DEMO_CLEANER, DEMO_WATCH]) {
    const { person, purpose, duty, inHours, pin } = worker;
    const personId = await personOf(worker);
    const fromAt = today - WORKING_DAYS * DAY_MS;
    await db.accessGrant.create({
      data: { personId, buildingId, purpose, duty, scheduleId: inHours ? hours.id : null, fromAt, untilAt: today + LEFT_DAYS * DAY_MS, createdAt: now },
    });
    if (pin === undefined) continue;
    const verifier = await pinVerifier(pin, readingBytes({ bits: 32, hex: person.card }));
    await db.credential.updateMany({ where: { personId }, data: { pinVerifier: Uint8Array.from(Buffer.from(verifier, 'hex')) } });
  }
}
