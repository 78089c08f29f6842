import { CredentialId, DoorId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import { buildApp } from '../../gateway/http/app.ts';
import { createSite } from '../../gateway/http/site.ts';
import type { Checkpoint, HeldCheckpoint } from '../../gateway/journal/checkpoints.ts';
import { type Appended, type EventData, eventOf, type NewEntry, NO_PERSON } from '../../gateway/journal/entry.ts';
import { openEvidence } from '../../gateway/journal/evidence.ts';
import { type Log, type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { beginNewLog } from '../../gateway/journal/new-log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openProofs, type Proofs } from '../../gateway/journal/proofs.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { clockAt, newPlace } from '../journal/samples.ts';
import { NOON } from '../helpers/register.ts';
import { building } from './fixture.ts';
import { type Lodger, type ReviewWorld, reviewWorld } from './review-fixture.ts';

/** The writer's side of a log, whose clock and checkpoints the test moves. */
export interface TestLog {
  /** The writer's clock, epoch ms. */
  readonly clock: { now: number };
  append(entry: NewEntry): Appended;
  /** A tap of a lodger, or of a card that nobody registered holds, at the street door; its index. */
  tap(lodger: Lodger | undefined, event?: Partial<EventData>): number;
  /** Ten seconds later: what was appended is under a checkpoint. */
  sign(): Checkpoint;
  /** A restore: a new log that cites the one so far. */
  renew(): void;
}

/** A review's world on a real log. */
export interface LogWorld extends TestLog {
  readonly here: ReviewWorld;
  readonly place: LogPlace;
  readonly proofs: Proofs;
  close(): Promise<void>;
}

function testLog(memory: ReviewWorld, place: LogPlace): TestLog & { readonly proofs: Proofs; readonly log: () => Log } {
  const clock = { now: NOON };
  let log = openLog(
    place,
    clockAt(() => clock.now),
  );
  const proofs = openProofs(place.file);
  function append(entry: NewEntry): Appended {
    const [appended] = log.append([stage(entry)]);
    if (appended === undefined) throw new Error('nothing appended');
    return appended;
  }
  return {
    clock,
    proofs,
    log: () => log,
    append,
    tap(lodger, event = {}) {
      const at = { ...building(memory), doorId: DoorId(memory.building.doors['D01'] ?? 0), gatewayTime: NOON - 3_600_000 };
      const whom = lodger === undefined ? { fingerprint: 'ab'.repeat(32) } : { personId: PersonId(lodger.personId), unitId: UnitId(lodger.unitId), credentialId: CredentialId(7) };
      const verdict = lodger === undefined ? ({ granted: false, reason: 'UNKNOWN_CREDENTIAL' } as const) : ({ granted: true, reason: 'OK' } as const);
      return append({ event: eventOf({ kind: 'access', method: 'card', ...verdict, ...at, ...event }), person: { ...NO_PERSON, ...whom } }).index;
    },
    sign() {
      for (let times = 0; times < 2; times += 1) {
        clock.now += 10_000;
        log.signIfDue();
      }
      const newest = proofs.newest();
      if (newest === undefined) throw new Error('no checkpoint');
      return newest;
    },
    renew() {
      log.close();
      beginNewLog(place.file);
      log = openLog(
        place,
        clockAt(() => clock.now),
      );
    },
  };
}

/** `before`: what the log holds when the gateway starts. */
export async function logWorld(before: (log: TestLog, world: ReviewWorld) => void = () => undefined): Promise<LogWorld> {
  const memory = await reviewWorld();
  const place = newPlace();
  const written = testLog(memory, place);
  before(written, memory);
  const [reader, evidence] = [openReader(place), openEvidence(place)];
  const { proofs, log, append } = written;
  const doorSide = { ...memory.site.deps.doorSide, append: async (entry: NewEntry) => append(entry), judge: async (held: HeldCheckpoint) => log().judge(held) };
  const site = await createSite({ ...memory.site.deps, journal: reader, proofs, evidence, doorSide });
  const here = { ...memory, site, app: await buildApp(site) };
  return {
    ...written,
    here,
    place,
    async close() {
      await here.app.close();
      for (const reading of [reader, proofs, evidence]) reading.close();
      log().close();
      await memory.close();
    },
  };
}
