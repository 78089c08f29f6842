import { addedMs, HAS_PTYS, panelOn, startWire, type Wire } from './osdp-lines.ts';
import { IDLE_CHARACTERS } from './osdp-paced.ts';
import { bounded, type Row } from './row.ts';

/** Characters with their mark: a poll and its ACK, a card of 32 bits and an order to an output (osdp.md 5.1), all secured. */
const POLL = 15;
const ACK = 15;
const CARD = 31;
const OUT = 31;

const BAUDS = [9600, 38_400, 115_200];
const COUNTS = [1, 4, 8, 16, 31];
/** So many devices a line of this speed carries, with a card that opens within 300 ms. */
const TARGET_MS = 300;
const TARGETS: Readonly<Record<number, number>> = { 9600: 4, 38400: 16, 115200: 31 };
/** Our mean is at most so many times the wire's own. */
const FACTOR = 1.3;

/** How thoroughly: cards where there is a target, cards elsewhere, cycles that are watched. */
interface Scale {
  readonly target: number;
  readonly other: number;
  readonly cycles: number;
  /** Cards of one line take no longer, ms. */
  readonly mostMs: number;
}
const WHOLE: Scale = { target: 200, other: 40, cycles: 40, mostMs: 60_000 };
const SHORT: Scale = { target: 60, other: 0, cycles: 20, mostMs: 20_000 };
/** What follows an order to an output, its answer and polls of its reader, is over by then: the next card meets an ordinary round. */
const SETTLE_CHARACTERS = 200;
const WATCH_MIN_MS = 1500;
const WATCH_MAX_MS = 12_000;

const BUSES = 8;
const DEVICES_EACH = 8;
const FLOOR_MS = 10;
const CPU_MS = 10_000;

const characterMs = (baud: number): number => 10_000 / baud;
/** What the wire itself needs with nobody waiting anywhere: a round of polls; from a card to its output, on the average and in 99 of 100. */
function wireTimes(baud: number, devices: number): { readonly cycle: number; readonly mean: number; readonly p99: number } {
  const character = characterMs(baud);
  const cycle = devices * (POLL + ACK + 2 * IDLE_CHARACTERS) * character;
  // The poll that asks the reader ends somewhere in the round after the card; then the card goes there, and the order comes back.
  const after = (CARD + OUT + 2 * IDLE_CHARACTERS) * character;
  return { cycle, mean: cycle / 2 + after, p99: 0.99 * cycle + after };
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const p99Of = (values: readonly number[]): number => sorted(values)[Math.min(values.length - 1, Math.ceil(values.length * 0.99) - 1)] ?? Number.NaN;
const within = (name: string, ours: number, bare: number): Row => ({ name, ours, bare, ratio: bare / ours, unit: 'ms', target: `≤ ${FACTOR} × wire`, met: ours <= FACTOR * bare });

async function oneLine(wire: Wire, baud: number, devices: number, scale: Scale): Promise<Row[]> {
  const isTarget = TARGETS[baud] === devices;
  const own = wireTimes(baud, devices);
  const bus = await panelOn(wire, { baud, devices, floorMs: 0 });
  try {
    const name = `${devices} at ${baud.toLocaleString('en')}`;
    const { ms, traffic, lateMs } = await wire.ask({ t: 'watch', ms: Math.min(WATCH_MAX_MS, Math.max(WATCH_MIN_MS, scale.cycles * own.cycle)) }, 'watched');
    const cycle = (ms / traffic.polls) * devices;
    const busy = (100 * traffic.wireMs) / ms;
    console.error(`  ${name}: wire busy ${busy.toFixed(1)} %, polls ${((1000 * traffic.polls) / ms).toFixed(0)}/s, replies late by ${lateMs.toFixed(3)} ms`);
    const rows = [within(`${name}: a round of polls`, cycle, own.cycle)];
    const count = isTarget ? scale.target : scale.other;
    if (count === 0) return rows;
    const { latencies } = await wire.ask({ t: 'cards', count, settleMs: SETTLE_CHARACTERS * characterMs(baud), pauseMs: Math.max(10, own.cycle), ms: scale.mostMs }, 'pulled');
    const p99 = { ours: p99Of(latencies), bare: own.p99 };
    rows.push(within(`${name}: card → output, mean`, meanOf(latencies), own.mean));
    if (isTarget) rows.push(bounded(`${name}: card → output, p99 of ${latencies.length}`, p99, TARGET_MS, 'ms'));
    else rows.push({ name: `${name}: card → output, p99 of ${latencies.length}`, ...p99, ratio: p99.bare / p99.ours, unit: 'ms', target: '–', met: true });
    return rows;
  } finally {
    bus.stop();
  }
}

/** Eight lines as fast as they go: the share of one core this process takes, and of what it did, for a line that is never idle. */
async function manyLines(wire: Wire, ms: number): Promise<Row[]> {
  const buses = [];
  for (let n = 0; n < BUSES; n += 1) buses.push(await panelOn(wire, { baud: 115_200, devices: DEVICES_EACH, floorMs: FLOOR_MS }));
  try {
    const before = process.cpuUsage();
    const { ms: took, traffic } = await wire.ask({ t: 'watch', ms }, 'watched');
    const { user, system } = process.cpuUsage(before);
    const cpuMs = (user + system) / 1000;
    const most = (BUSES * 1000) / ((POLL + ACK + 2 * IDLE_CHARACTERS) * characterMs(115_200));
    const rate = (1000 * traffic.exchanges) / took;
    console.error(
      `  ${BUSES} lines: ${rate.toFixed(0)} exchanges/s of ${most.toFixed(0)} the wires carry; ${((1000 * cpuMs) / traffic.exchanges).toFixed(0)} µs of processor each`,
    );
    return [
      bounded(`${BUSES} lines at 115,200: processor, of a core`, { ours: cpuMs / took }, 0.5, 'core'),
      bounded(`${BUSES} lines at 115,200: the same if the wires were never idle`, { ours: (cpuMs / traffic.exchanges) * (most / 1000) }, 0.5, 'core'),
    ];
  } finally {
    for (const bus of buses) bus.stop();
  }
}

/**
 * Lines of OSDP devices at their speed, against the time the bytes themselves take. Another process is the line and the
 * devices; ours is the driver with its engine and a port of this system. `whole`: every number of devices at every speed.
 */
export async function osdpBench(whole: boolean): Promise<Row[]> {
  const scale = whole ? WHOLE : SHORT;
  const wire = startWire();
  try {
    const added = await addedMs(wire, 500);
    console.error(`  ${HAS_PTYS ? 'ptys' : 'sockets: there is no socat'}; one byte there and back ${added.toFixed(3)} ms, which is in every exchange of ours`);
    const rows: Row[] = [];
    for (const baud of BAUDS) for (const devices of COUNTS) if (whole || TARGETS[baud] === devices) rows.push(...(await oneLine(wire, baud, devices, scale)));
    return [...rows, ...(await manyLines(wire, whole ? CPU_MS : CPU_MS / 2))];
  } finally {
    await wire.stop();
  }
}
