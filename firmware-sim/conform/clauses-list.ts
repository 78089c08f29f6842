import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { listSigner } from '../../gateway/wire/mqtt/list-header.ts';
import { type ListRow, NO_PIN, ROWS_PER_CHUNK } from '../../gateway/wire/mqtt/list.ts';
import type { Clause } from './clause.ts';
import { chunksOf, deltaChunk, type JudgeList, pieceBytes, rulesFor, versionOf } from './lists.ts';
import { must, type Trial } from './trial.ts';

/** A device that wants an offered list says so within this, ms. */
const WANTS_MS = 800;
const SHORT_MS = 1200;
/** What did not come is asked for again after 5 s. */
const AGAIN_MS = 7500;

const anyRow = (): ListRow => [randomBytes(12).toString('hex'), 1, 0, 0, 0, NO_PIN];
const anyRows = (count: number): ListRow[] => Array.from({ length: count }, anyRow);
const wantsIt = async (t: Trial, { header: { e, n } }: JudgeList): Promise<boolean> => (await t.first('acl/get', WANTS_MS, (body) => body.e === e && body.n === n)) !== undefined;
const takesIt = async (t: Trial, list: JudgeList, ms = WANTS_MS): Promise<boolean> => t.holds(list, ms);

/** Offers a header that must not be taken, and sends its rows to whoever asks. */
async function notTaken(t: Trial, list: JudgeList, offer: () => void): Promise<void> {
  t.bench.answers.list = () => undefined;
  offer();
  must(!(await wantsIt(t, list)), `acl/get for ${versionOf(list)}`);
  for (const piece of chunksOf(list)) t.bench.sayBytes('acl/c', pieceBytes(piece));
  must(!(await takesIt(t, list)), `acl/have ${versionOf(list)}`);
}

async function signed(t: Trial): Promise<string> {
  await t.hold(anyRows(2));
  const list = t.nextList(anyRows(3));
  const stranger = listSigner(randomBytes(32));
  await notTaken(t, list, () => t.bench.offerList(list, (body) => stranger.sign(body)));
  const bent = (body: Uint8Array): Buffer => Buffer.from(t.bench.signer.sign(body).toString('latin1').replace('"count":3', '"count":4'), 'latin1');
  await notTaken(t, list, () => t.bench.offerList(list, bent));
  await notTaken(t, list, () => t.bench.sayBytes('acl/want', Buffer.from(JSON.stringify(list.header))));
  return 'another signature, a bent header and none at all: nothing was taken';
}

async function own(t: Trial): Promise<string> {
  await t.hold(anyRows(2));
  const list = t.nextList(anyRows(3));
  const others: JudgeList = { ...list, header: { ...list.header, d: 'another-device' } };
  await notTaken(t, others, () => t.bench.offerList(others));
  return 'a list signed for another device was not taken';
}

async function digested(t: Trial): Promise<string> {
  await t.hold(anyRows(2));
  const list = t.nextList(anyRows(3));
  t.bench.answers.list = () => {
    for (const piece of chunksOf({ ...list, rows: anyRows(3) })) t.bench.sayBytes('acl/c', pieceBytes(piece));
  };
  t.give(list);
  must(await wantsIt(t, list), 'a newer list was offered, and no acl/get came');
  must(!(await takesIt(t, list)), 'other rows than the digest says were taken');
  t.bench.answers = t.bench.usual();
  for (const piece of chunksOf(list)) t.bench.sayBytes('acl/c', pieceBytes(piece));
  must(await takesIt(t, list, AGAIN_MS), 'the right rows came afterwards, and were not taken');
  return 'wrong rows were not taken, the right ones were';
}

async function anyOrder(t: Trial): Promise<string> {
  const list = t.nextList(anyRows(ROWS_PER_CHUNK + 20));
  t.bench.answers.list = () => {
    for (const piece of chunksOf(list).reverse()) t.bench.sayBytes('acl/c', pieceBytes(piece));
  };
  t.give(list);
  must(await t.holds(list), `${list.header.of} pieces, the last one first: not taken`);
  return `${list.header.of} pieces, the last one first`;
}

async function asksAgain(t: Trial): Promise<string> {
  const list = t.nextList(anyRows(2));
  let asked = 0;
  t.bench.answers.list = (seen) => {
    asked += 1;
    if (asked > 1) t.bench.sendList(seen);
  };
  t.give(list);
  must(await t.holds(list, AGAIN_MS), `the first acl/get was not answered, ${asked} came within ${AGAIN_MS} ms, and the list is not held`);
  return 'asked again for what did not come';
}

async function delta(t: Trial): Promise<string> {
  const rows = anyRows(20);
  const held = await t.hold(rows);
  const next = t.nextList([...rows.slice(1), anyRow()]);
  let from = 'nothing';
  t.bench.answers.list = ({ body: { f } }) => {
    from = f;
    t.bench.sayBytes('acl/c', pieceBytes(f === versionOf(held) ? deltaChunk(held, next) : (chunksOf(next)[0] ?? deltaChunk(held, next))));
  };
  t.give(next);
  must(await t.holds(next), `the difference from ${from} was sent, and the list is not held`);
  must(from === '' || from === versionOf(held), `acl/get f is ${from}, and ${versionOf(held)} is held`);
  return from === '' ? 'asked for the whole list each time' : 'took the difference from the version held';
}

async function wrongDelta(t: Trial): Promise<string> {
  const held = await t.hold(anyRows(20));
  const next = t.nextList([...held.rows.slice(1), anyRow()]);
  const other: JudgeList = { ...held, header: { ...held.header, n: held.header.n + 500 } };
  t.bench.answers.list = ({ body: { f } }) => t.bench.sayBytes('acl/c', pieceBytes(f === '' ? (chunksOf(next)[0] ?? deltaChunk(other, next)) : deltaChunk(other, next)));
  t.give(next);
  must(await t.holds(next), 'a difference from a version that is not held: no acl/get for the whole list, or it was not taken');
  must(t.since('acl/get').at(-1)?.body.f === '', 'the difference from a version that is not held was taken');
  return 'asked for the whole list instead';
}

async function older(t: Trial): Promise<string> {
  const first = await t.hold(anyRows(2));
  const second = await t.hold(anyRows(3));
  await notTaken(t, first, () => t.bench.offerList(first));
  const epochs: JudgeList = { ...first, header: { ...first.header, e: 0, n: 4_000_000_000 } };
  await notTaken(t, epochs, () => t.bench.offerList(epochs));
  t.mark();
  t.bench.offerList(second);
  must(await t.holds(second, SHORT_MS), 'the newest list was offered again, and acl/have did not name it');
  return 'an older version and an older epoch were not taken';
}

async function otherRules(t: Trial): Promise<string> {
  const held = await t.hold(anyRows(2));
  const next = t.nextList(held.rows, rulesFor(t.bench.doors, { h: 45_000 }));
  t.give(next);
  must(await t.holds(next), 'the same rows with other rules, under a new version: not taken');
  return t.since('acl/get').length === 0 ? 'taken over without asking for rows' : 'taken, after asking for rows it had';
}

async function haveAgain(t: Trial): Promise<string> {
  const list = await t.hold(anyRows(2));
  for (const time of ['first', 'second']) {
    t.mark();
    t.bench.offerList(list);
    must(await t.holds(list, SHORT_MS), `the list held was offered for a ${time} time, and no acl/have came`);
  }
  must(t.since('acl/get').length === 0, 'asked for rows it has');
  await sleep(1);
  return 'acl/have for each reminder';
}

/** How a device takes a list. */
export const LIST_CLAUSES: readonly Clause[] = [
  { id: 'list.signed', section: '5', must: "takes nothing from a header that is not signed by the site's key", judge: signed },
  { id: 'list.own', section: '5', must: 'takes no list that is signed for another device', judge: own },
  { id: 'list.digest', section: '8', must: 'takes a list only when its rows have the digest', judge: digested },
  { id: 'list.any-order', section: '8', must: 'takes pieces in any order', judge: anyOrder },
  { id: 'list.asks-again', section: '8', must: 'asks again after 5 s for what did not come', judge: asksAgain },
  { id: 'list.delta', section: '8', must: 'takes the difference from the version it holds', judge: delta },
  { id: 'list.wrong-delta', section: '8', must: 'asks for the whole list when a difference is from another version', judge: wrongDelta },
  { id: 'list.older', section: '8', must: 'never goes back, by epoch and number', judge: older },
  { id: 'list.rules', section: '8, 8a', must: 'takes other rules for the same rows', judge: otherRules },
  { id: 'list.have-again', section: '8', must: 'says acl/have again when it is reminded', judge: haveAgain },
];
