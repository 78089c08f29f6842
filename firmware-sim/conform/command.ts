import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FieldError } from '../../gateway/wire/fields.ts';
import { fitController } from '../fitted.ts';
import { startFleet } from '../fleet.ts';
import { wordsOf } from '../options.ts';
import { listenOn } from '../socket.ts';
import { connectTo, type SocketClient } from '../socket-client.ts';
import { Bench } from './bench.ts';
import { throwAwayCertificate } from './certificate.ts';
import { type Hands, personHands, socketHands } from './hands.ts';
import { arrived, CLAUSES, clausesOf, type Finding, judgeAll } from './judge.ts';
import { Trial } from './trial.ts';

/** How to use it. */
export const CONFORM_HELP = 'conform [--port 8883] [--host ADDRESS] [--doors N] [--only CLAUSE] [--json FILE] [--plain] [--auto SOCKET | --self] [--list]';

const PORT = 8883;
const DOORS_MAX = 8;
const PORT_MAX = 65_535;
/** Somebody walks to the bench and types the code. */
const ARRIVES_MS = 900_000;
const SELF_ARRIVES_MS = 15_000;
const SOCKET_TRIES = 20;
const SOCKET_PAUSE_MS = 100;
const MARKS: Readonly<Record<Finding['result'], string>> = { passed: '✓', failed: '✗', skipped: '–' };

/** Simulated hands, and how to let them go. */
interface Simulated {
  readonly hands: Hands;
  stop(): void;
}

/** The socket of a simulator that has only just come is there a moment after its first message. */
async function openSocket(path: string, tries = SOCKET_TRIES): Promise<SocketClient> {
  try {
    return await connectTo(path);
  } catch (error) {
    if (tries <= 1) throw error;
    await sleep(SOCKET_PAUSE_MS);
    return openSocket(path, tries - 1);
  }
}

async function handsOn(path: string): Promise<Simulated> {
  const client = await openSocket(path);
  const { doors } = await client.ask({ act: 'list' });
  const [first]: readonly unknown[] = Array.isArray(doors) ? doors : [];
  const hands = socketHands(client, String(Object(first).doorCode));
  return { hands, stop: () => hands.close() };
}

/** A simulator of our own, in this process, fitted with the judge's code. */
export async function ownDevice(offer: string, doors: number): Promise<Simulated> {
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-conform-'));
  const settings = await fitController(offer, join(dir, 'c'), doors);
  const fleet = startFleet(settings);
  const server = await listenOn(settings.socket, fleet);
  const { hands } = await handsOn(settings.socket);
  return {
    hands,
    stop() {
      hands.close();
      fleet.stop();
      server.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function reported(findings: readonly Finding[], { json, print }: { readonly json: string | undefined; readonly print: (line: string) => void }): number {
  const count = (result: Finding['result']): number => findings.filter((finding) => finding.result === result).length;
  const totals = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  print(`${totals.passed} 通过 passed · ${totals.failed} 不符 failed · ${totals.skipped} 未查 skipped, not judged`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ protocol: 1, at: new Date().toISOString(), ...totals, clauses: findings }, undefined, 2)}\n`);
  return totals.failed === 0 ? 0 : 1;
}

const lineOf = ({ result, id, section, must, saw }: Finding): string => `${MARKS[result]} ${id} (§${section}) ${must}${result === 'passed' ? '' : `\n    ${saw}`}`;

/** What was asked for on the command line. */
function wishOf(args: readonly string[]): {
  readonly port: number;
  readonly doors: number;
  readonly host: string;
  readonly only: string | undefined;
  readonly json: string | undefined;
  readonly socket: string | undefined;
  has(flag: string): boolean;
} {
  const words = wordsOf(args, { values: ['port', 'host', 'doors', 'only', 'json', 'auto'], flags: ['plain', 'self', 'list'] });
  const [extra] = words.plain;
  if (extra !== undefined) throw new FieldError('conform', `options alone, got ${extra}. ${CONFORM_HELP}`);
  const only = words.text('only');
  if (clausesOf(only).length === 0) throw new FieldError('--only', `the beginning of a clause's name: ${CLAUSES.map(({ id }) => id).join(', ')}`);
  const near = words.has('plain') || words.has('self');
  return {
    port: words.number('port', [0, PORT_MAX]) ?? (words.has('self') ? 0 : PORT),
    doors: words.number('doors', [1, DOORS_MAX]) ?? 1,
    host: words.text('host') ?? (near ? '127.0.0.1' : hostname()),
    only,
    json: words.text('json'),
    socket: words.text('auto'),
    has: (flag) => words.has(flag),
  };
}

/** `conform`: judges a device against docs/controller-protocol.md; 1 when a clause failed, or it never came. */
export async function runConform(args: readonly string[], print: (line: string) => void): Promise<number> {
  const wish = wishOf(args);
  if (wish.has('list')) {
    for (const { id, section, must, hands } of CLAUSES) print(`${id} (§${section})${hands === undefined ? '' : hands === 'person' ? ' ☝' : ' ☝☝'} ${must}`);
    print('☝ 要人动手 needs a hand · ☝☝ 要毫秒内断电，只有 --auto 能 needs power cut within milliseconds: --auto alone');
    return 0;
  }
  const certificates = wish.has('plain') ? undefined : { own: await throwAwayCertificate(), other: await throwAwayCertificate() };
  const bench = new Bench({ doors: wish.doors });
  await bench.start({ ...wish, tls: certificates?.own });
  let device: Simulated | undefined;
  try {
    print(`用这一行给控制器装机 enrol the device with this line:\n${bench.offer}`);
    if (wish.has('self')) device = await ownDevice(bench.offer, wish.doors);
    if (!(await arrived(bench, wish.has('self') ? SELF_ARRIVES_MS : ARRIVES_MS))) throw new Error('控制器没有来。 The device never came.');
    if (wish.socket !== undefined) device = await handsOn(wish.socket);
    const hands = device?.hands ?? personHands(print);
    const findings = await judgeAll(new Trial(bench, hands, certificates), clausesOf(wish.only), (finding) => print(lineOf(finding)));
    hands.close();
    return reported(findings, { json: wish.json, print });
  } finally {
    device?.stop();
    bench.stop();
  }
}
