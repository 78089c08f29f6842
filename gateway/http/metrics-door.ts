import type { Registry } from 'prom-client';
import { type DoorNumbers, LATENCY_S } from '../door-numbers.ts';
import { ALARM_WORDS } from '../alarm-words.ts';
import { isReason } from '../core/reasons.ts';
import { counter, counters, gauge, gauges, histogram } from './metric-kinds.ts';

/** Reasons as a person who runs the gateway sorts them: what is the house's business, what is a fault, what is late. */
const FAULTS: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEVICE_FAULT', 'NOT_SECURED', 'UNKNOWN_DOOR', 'CREDENTIAL_FORMAT', 'OFFLINE_NO_LIST']);
const ATTACKS: ReadonlySet<string> = new Set(['TOKEN_INVALID', 'TOKEN_REPLAY', 'PIN_WRONG', 'PIN_SHUT', 'PASS_USED']);

/** Class of a verdict: `granted`, `stale`, `fault`, `suspect` or `refused`. */
export function reasonClass(reason: string): 'granted' | 'stale' | 'fault' | 'suspect' | 'refused' {
  if (reason === 'OK') return 'granted';
  if (reason === 'STALE') return 'stale';
  if (FAULTS.has(reason)) return 'fault';
  return ATTACKS.has(reason) ? 'suspect' : 'refused';
}

/** Verdicts by class. */
function verdicts(byReason: DoorNumbers['taps']['byReason']): [string, number][] {
  const sums = new Map<string, number>(['granted', 'refused', 'stale', 'fault', 'suspect'].map((each) => [each, 0]));
  for (const [reason, count] of Object.entries(byReason)) if (isReason(reason)) sums.set(reasonClass(reason), (sums.get(reasonClass(reason)) ?? 0) + count);
  return [...sums];
}

function tapMetrics(registry: Registry, numbers: () => DoorNumbers | undefined): void {
  counters({ registry, name: 'doorbook_door_decisions_total', help: 'Verdicts at doors since the start, by class.' }, 'result', () => verdicts(numbers()?.taps.byReason ?? {}));
  counter({ registry, name: 'doorbook_door_errors_total', help: 'Taps that ended in an error instead of a verdict.' }, () => numbers()?.taps.failed);
  histogram({ registry, name: 'doorbook_door_verdict_seconds', help: 'From the tap’s arrival to its verdict, the entry being on disk.' }, LATENCY_S, () => {
    const taps = numbers()?.taps;
    return taps && { counts: taps.latency, sum: taps.seconds };
  });
}

function linkMetrics(registry: Registry, numbers: () => DoorNumbers | undefined): void {
  const link = () => numbers()?.link;
  gauges({ registry, name: 'doorbook_controllers', help: 'Door controllers, by whether they are online.' }, 'state', () => {
    const { online = 0, offline = 0 } = link() ?? {};
    return [
      ['online', online],
      ['offline', offline],
    ];
  });
  gauge({ registry, name: 'doorbook_controllers_wrong_list', help: 'Controllers that hold another access list than they should.' }, () => link()?.wrongList);
  gauge({ registry, name: 'doorbook_device_events_waiting', help: 'Events that wait on controllers to be stored here.' }, () => link()?.queued);
  gauge({ registry, name: 'doorbook_broker_connections', help: 'Controllers connected to the broker.' }, () => link()?.connections);
  gauge({ registry, name: 'doorbook_broker_half_open', help: 'Connections to the broker that have not logged in.' }, () => link()?.halfOpen);
  counters({ registry, name: 'doorbook_broker_refused_total', help: 'What the broker turned away, by why.' }, 'why', () => Object.entries(link()?.refused ?? {}));
}

function storeMetrics(registry: Registry, numbers: () => DoorNumbers | undefined, clock: () => number): void {
  const journal = () => numbers()?.journal;
  gauge({ registry, name: 'doorbook_journal_last_index', help: 'Index of the newest entry of the log on disk.' }, () => journal()?.last);
  gauge({ registry, name: 'doorbook_journal_outstanding', help: 'Entries on their way to the disk.' }, () => journal()?.outstanding);
  gauge({ registry, name: 'doorbook_checkpoint_size', help: 'Entries of this log under its newest signed checkpoint.' }, () => journal()?.checkpoint?.size);
  gauge({ registry, name: 'doorbook_checkpoint_age_seconds', help: 'Age of the newest signed checkpoint.' }, () => {
    const at = journal()?.checkpoint?.at;
    return at === undefined ? undefined : (clock() - at) / 1000;
  });
  gauge({ registry, name: 'doorbook_index_load_seconds', help: 'Time the access index took to load at the start.' }, () => {
    const ms = numbers()?.index.loadMs;
    return ms === undefined ? undefined : ms / 1000;
  });
  gauge({ registry, name: 'doorbook_index_change_lag', help: 'Changes of the register the access index has not taken yet.' }, () => numbers()?.index.lag);
  gauge({ registry, name: 'doorbook_lists_waiting', help: 'Access lists asked for and not made yet.' }, () => numbers()?.index.lists);
}

/** What the door side counts, as it said so last. */
export function addDoorMetrics(registry: Registry, door: { numbers(): DoorNumbers | undefined; alarms(): readonly { readonly what: string }[] }, clock: () => number): void {
  const { numbers } = door;
  tapMetrics(registry, numbers);
  linkMetrics(registry, numbers);
  storeMetrics(registry, numbers, clock);
  gauges({ registry, name: 'doorbook_alarm', help: '1 while an alarm of the gateway itself lasts, by kind.' }, 'what', () => {
    const raised = new Set(door.alarms().map(({ what }) => what));
    return Object.keys(ALARM_WORDS).map((what) => [what, raised.has(what) ? 1 : 0]);
  });
  counters({ registry, name: 'doorbook_alarms_total', help: 'Alarms raised since the start, by kind.' }, 'what', () => Object.entries(numbers()?.alarms ?? {}));
  counters({ registry, name: 'doorbook_thread_restarts_total', help: 'How often a thread ended and was started again.' }, 'thread', () =>
    Object.entries(numbers()?.restarts ?? {}),
  );
}
