#!/usr/bin/env node
// @ts-check
/**
 * Checks what Doorbook's log proves, anywhere: this file alone, Node 18 or newer, no package, no network.
 *
 *   node verify.mjs PATH [--checkpoint FILE]… [--key VKEY]… [--lang zh|en]
 *
 * PATH: a log export or an evidence file. FILE: a checkpoint from elsewhere (a controller, a console, a printed note,
 * the operator's address), one or several in any text. VKEY: the log's public key as it was given to you.
 * Ends with 0 only when everything verifies, 1 when not, 2 when it was called in a wrong way.
 * Formats: log-export.md. The tree is RFC 6962, checkpoints are C2SP tlog-checkpoint in C2SP signed notes.
 */
import * as crypto from 'node:crypto';
import { closeSync, createReadStream, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @typedef {'zh' | 'en'} Language */
/** @typedef {Readonly<Record<string, string | number>>} Facts */
/** What is wrong, by name, and where. @typedef {{ readonly code: FaultCode, readonly facts: Facts }} Fault */

// ---------------------------------------------------------------- hashes, tree, signatures

const EMPTY = Buffer.alloc(0);

/** One shot where Node has it (20.12): several times faster than an object for each hash. @type {(bytes: Uint8Array) => Buffer} */
const sha256 =
  typeof crypto.hash === 'function' ? (bytes) => Buffer.from(crypto.hash('sha256', bytes, 'binary'), 'binary') : (bytes) => crypto.createHash('sha256').update(bytes).digest();

const leafScratch = Buffer.alloc(93);
const nodeScratch = Buffer.alloc(65, 1);

/** @typedef {{ readonly kind: number, readonly flags: number, readonly index: number, readonly cEvent: string, readonly cPerson: string }} Leaf commitments in base64 */

/** SHA-256(00 ‖ ver, kind, flags, logId, index, C_event, C_person). @param {Leaf} leaf @param {Uint8Array} logId */
function leafHash({ kind, flags, index, cEvent, cPerson }, logId) {
  leafScratch[1] = 1;
  leafScratch[2] = kind;
  leafScratch.writeUInt16BE(flags, 3);
  leafScratch.set(logId, 5);
  leafScratch.writeUInt32BE(Math.floor(index / 2 ** 32), 21);
  leafScratch.writeUInt32BE(index % 2 ** 32, 25);
  leafScratch.write(cEvent, 29, 32, 'base64');
  leafScratch.write(cPerson, 61, 32, 'base64');
  return sha256(leafScratch);
}

/** SHA-256(01 ‖ left ‖ right). @param {Uint8Array} left @param {Uint8Array} right */
function nodeHash(left, right) {
  nodeScratch.set(left, 1);
  nodeScratch.set(right, 33);
  return sha256(nodeScratch);
}

/** Adds a leaf to the roots of the full subtrees of the `count` leaves so far. @param {Buffer[]} roots @param {number} count @param {Buffer} leaf */
function grow(roots, count, leaf) {
  let node = leaf;
  for (let rest = count; rest % 2 === 1; rest = Math.floor(rest / 2)) node = nodeHash(roots.pop() ?? EMPTY, node);
  roots.push(node);
}

/** @param {readonly Buffer[]} roots @returns {string} base64 */
function rootOf(roots) {
  const last = roots[roots.length - 1];
  if (last === undefined) return sha256(EMPTY).toString('base64');
  return roots
    .slice(0, -1)
    .reduceRight((right, left) => nodeHash(left, right), last)
    .toString('base64');
}

/**
 * The root an inclusion proof leads to (RFC 9162 2.1.3.2); undefined when it has not the form of one.
 * @param {{ readonly index: number, readonly size: number, readonly leaf: Buffer, readonly proof: readonly Buffer[] }} inclusion
 */
function rootOfInclusion({ index, size, leaf, proof }) {
  let [node, last, root] = [index, size - 1, leaf];
  if (index < 0 || index > last) return undefined;
  for (const step of proof) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(step, root);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else root = nodeHash(root, step);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root.toString('base64') : undefined;
}

/** @typedef {{ readonly text: string, readonly id: Buffer, readonly object: crypto.KeyObject }} Key */

const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const HASH64 = '[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=';
const WHOLE = '0|[1-9]\\d{0,14}';
const ORIGIN = 'doorbook/log/[0-9a-f]{32}';
const CITED = `${ORIGIN} (?:${WHOLE}) ${HASH64}`;

/** Reads a verifier key `name+id+base64`, whose name must be the log's; undefined when it is none. @param {unknown} text @param {string} origin @returns {Key | undefined} */
function keyOf(text, origin) {
  const [name, id, base64, ...more] = typeof text === 'string' ? text.split('+', 2).concat(text.split('+').slice(2).join('+')) : [];
  const bytes = Buffer.from(base64 ?? '', 'base64');
  if (typeof text !== 'string' || name !== origin || more.length > 0 || bytes.length !== 33 || bytes[0] !== 1 || bytes.toString('base64') !== base64) return undefined;
  const named = sha256(Buffer.concat([Buffer.from(`${origin}\n`), bytes])).subarray(0, 4);
  if (named.toString('hex') !== id) return undefined;
  return { text, id: named, object: crypto.createPublicKey({ key: Buffer.concat([SPKI, bytes.subarray(1)]), format: 'der', type: 'spki' }) };
}

/** A signed note. @typedef {{ readonly text: string, readonly signatures: readonly { readonly name: string, readonly blob: Buffer }[] }} Note */

/** @param {unknown} note @returns {Note | undefined} */
function noteOf(note) {
  if (typeof note !== 'string' || note.length > 16384) return undefined;
  const end = note.indexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return undefined;
  const signatures = note
    .slice(end + 2, -1)
    .split('\n')
    .map((line) => /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line));
  if (signatures.some((line) => line === null)) return undefined;
  return { text: note.slice(0, end + 1), signatures: signatures.map((line) => ({ name: line?.[1] ?? '', blob: Buffer.from(line?.[2] ?? '', 'base64') })) };
}

/** Is one of the signatures by this key? @param {Note} note @param {string} name @param {Key | undefined} key */
function isSignedBy(note, name, key) {
  return note.signatures.some(
    (each) =>
      key !== undefined &&
      each.name === name &&
      each.blob.length === 68 &&
      each.blob.subarray(0, 4).equals(key.id) &&
      crypto.verify(null, Buffer.from(note.text), key.object, each.blob.subarray(4)),
  );
}

/** @typedef {Note & { readonly origin: string, readonly size: number, readonly root: string, readonly cites: string | null }} Checkpoint */

const CHECKPOINT = new RegExp(`^(${ORIGIN})\n(${WHOLE})\n(${HASH64})\n(?:cites (${CITED})\n)?$`);

/** @param {unknown} text @returns {Checkpoint | undefined} */
function checkpointOf(text) {
  const note = noteOf(text);
  const [, origin = '', size = '', root = '', cites = null] = CHECKPOINT.exec(note?.text ?? '') ?? [];
  return note === undefined || origin === '' ? undefined : { ...note, origin, size: Number(size), root, cites };
}

/** All texts in a JSON value. @param {unknown} value @returns {string[]} */
const textsIn = (value) => (typeof value === 'string' ? [value] : value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : []);

/** @param {string} text @returns {string[]} */
function textsOfJson(text) {
  for (const parts of [[text], text.split('\n').filter((line) => line.trim() !== '')]) {
    try {
      return parts.flatMap((part) => textsIn(JSON.parse(part)));
    } catch {
      // Not JSON, or JSON line by line.
    }
  }
  return [];
}

/** Finds the checkpoints in any text: notes as they are, in a mail, or inside JSON. @param {string} text @returns {Checkpoint[]} */
export function checkpointsIn(text) {
  const form = new RegExp(`${ORIGIN}\n(?:${WHOLE})\n${HASH64}\n(?:cites ${CITED}\n)?\n(?:— \\S+ [A-Za-z0-9+/]+={0,2}(?:\n|$))+`, 'g');
  const plain = [text.replace(/\r\n/g, '\n'), ...textsOfJson(text)];
  return plain.flatMap((each) => [...each.matchAll(form)].flatMap(([note]) => checkpointOf(note.endsWith('\n') ? note : `${note}\n`) ?? []));
}

// ---------------------------------------------------------------- what both kinds of file have

/** Faults of one sort are kept up to this many; the rest are counted. */
const MOST_ALIKE = 5;

/** @typedef {{ readonly list: Fault[], more: number }} Faults */

/** @param {Faults} faults @param {FaultCode} code @param {Facts} [facts] */
function fault(faults, code, facts = {}) {
  if (faults.list.filter((each) => each.code === code).length < MOST_ALIKE) faults.list.push({ code, facts });
  else faults.more += 1;
}

/** What is held against the file from outside. @typedef {{ readonly checkpoints?: readonly { readonly from: string, readonly checkpoint: Checkpoint }[], readonly keys?: readonly string[] }} Outside */

/**
 * A log as its line says, and what of it is known so far.
 * @typedef {{ no: number, origin: string, logId: Buffer, key: Key | undefined, keyText: string | null, first: number, size: number, cites: string | null }} LogLine
 */

/** @typedef {Record<string, unknown>} Fields */
/** @param {unknown} value @returns {Fields} */
const fieldsOf = (value) => (value !== null && typeof value === 'object' && !Array.isArray(value) ? /** @type {Fields} */ (value) : {});
/** @param {unknown} value @returns {value is number} */
const isCount = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
/** @param {unknown} value @returns {readonly unknown[]} */
const listOf = (value) => (Array.isArray(value) ? value : []);

/** @param {Fields} fields @param {number} no @param {Faults} faults @returns {LogLine | undefined} */
function logLineOf(fields, no, faults) {
  const { origin, logId, key, first, size, cites } = fields;
  const isWhole = isCount(first) && isCount(size) && (cites === null || (typeof cites === 'string' && new RegExp(`^${CITED}$`).test(cites)));
  if (!isWhole || typeof logId !== 'string' || !/^[0-9a-f]{32}$/.test(logId) || origin !== `doorbook/log/${logId}` || (key !== null && typeof key !== 'string')) {
    fault(faults, 'log-line', { log: no });
    return undefined;
  }
  const own = keyOf(key, origin);
  if (key !== null && own === undefined) fault(faults, 'log-key', { log: no });
  return { no, origin, logId: Buffer.from(logId, 'hex'), key: own, keyText: key, first, size, cites };
}

/** Reads a checkpoint that must be this log's own. @param {unknown} note @param {LogLine} log @param {Faults} faults @returns {Checkpoint | undefined} */
function ownCheckpoint(note, log, faults) {
  const checkpoint = checkpointOf(note);
  const facts = { log: log.no, size: checkpoint?.size ?? 0 };
  if (checkpoint === undefined || checkpoint.origin !== log.origin) fault(faults, 'checkpoint-form', facts);
  else if (!isSignedBy(checkpoint, log.origin, log.key)) fault(faults, 'checkpoint-signature', facts);
  else if (checkpoint.cites !== log.cites) fault(faults, 'checkpoint-cites', facts);
  else return checkpoint;
  return undefined;
}

/** Checkpoints from outside that are about this log and really its own. @param {LogLine} log @param {Outside} outside @param {Faults} faults */
function outsideOf(log, { checkpoints = [] }, faults) {
  return checkpoints.filter(({ from, checkpoint }) => {
    if (checkpoint.origin !== log.origin) return false;
    const facts = { log: log.no, from, size: checkpoint.size };
    if (!isSignedBy(checkpoint, log.origin, log.key)) fault(faults, 'outside-signature', facts);
    else if (checkpoint.cites !== log.cites) fault(faults, 'outside-cites', facts);
    else return true;
    return false;
  });
}

/** What came from outside about logs that are not in the file, and keys that are other ones. @param {readonly LogLine[]} logs @param {Outside} outside @param {Faults} faults */
function checkOutside(logs, { checkpoints = [], keys = [] }, faults) {
  for (const { from, checkpoint } of checkpoints)
    if (!logs.some(({ origin }) => origin === checkpoint.origin)) fault(faults, 'outside-stranger', { from, origin: checkpoint.origin, size: checkpoint.size });
  for (const key of keys) {
    const log = logs.find(({ origin }) => key.startsWith(`${origin}+`));
    if (log === undefined) fault(faults, 'key-stranger', { origin: key.split('+')[0] ?? '' });
    else if (log.keyText !== key) fault(faults, 'key-other', { log: log.no });
  }
}

// ---------------------------------------------------------------- log exports

/** What a tree with this many leaves must have as its root, and who says so. @typedef {{ readonly size: number, readonly root: string, readonly from: string }} Pin */

/**
 * @typedef {object} ExportLog
 * @property {LogLine} line
 * @property {number} count entries read
 * @property {Buffer[]} roots of the full subtrees over them
 * @property {boolean} broken entries are missing or out of order: no root can be compared any more
 * @property {{ size: number, at: number } | undefined} newest its newest checkpoint that fits
 * @property {Pin[]} pins from outside, smallest first
 * @property {Record<string, number>} states
 */

/** How far an export was read. Nothing in it grows with the log. @typedef {{ outside: Outside, faults: Faults, lines: number, entries: number, header: Fields | undefined, logs: ExportLog[], digest: crypto.Hash, unhashed: string, ended: boolean }} ExportState */

/** @param {Outside} [outside] @returns {ExportState} */
export const beginExport = (outside = {}) => ({
  outside,
  faults: { list: [], more: 0 },
  lines: 0,
  entries: 0,
  header: undefined,
  logs: [],
  digest: crypto.createHash('sha256'),
  unhashed: '',
  ended: false,
});

const ENTRY = new RegExp(`^\\[(${WHOLE}),(0|[1-9]\\d{0,2}),(0|[1-9]\\d{0,4}),"(${HASH64})","(${HASH64})","(mm|mg|mx|gg|xx)"\\]$`);
const END = new RegExp(`^doorbook/log-export/1\n(${WHOLE})\n(${HASH64})\n(${ORIGIN})\n$`);
/** Text that waits to be hashed together, in characters. */
const UNHASHED = 65536;

/** Compares the tree as it stands with what is known from outside. @param {ExportState} state @param {ExportLog} log */
function comparePins({ faults }, log) {
  for (let pin = log.pins[0]; pin !== undefined && pin.size <= log.count; pin = log.pins[0]) {
    log.pins.shift();
    if (!log.broken && pin.root !== rootOf(log.roots)) fault(faults, 'forked', { log: log.line.no, from: pin.from, size: pin.size });
  }
}

/** @param {ExportState} state @param {RegExpExecArray} match */
function readEntry(state, [, place = '', kindText = '', flagsText = '', cEvent = '', cPerson = '', contents = '']) {
  const log = state.logs[state.logs.length - 1];
  const [index, kind, flags] = [Number(place), Number(kindText), Number(flagsText)];
  if (log === undefined || kind > 255 || flags > 65535) return fault(state.faults, 'line', { line: state.lines });
  const { line } = log;
  const facts = { log: line.no, entry: line.first + index, expected: line.first + log.count };
  if (index > log.count) fault(state.faults, 'gap', facts);
  else if (index < log.count) fault(state.faults, 'order', facts);
  if (index !== log.count) log.broken = true;
  if (contents.includes('x')) fault(state.faults, 'contents', facts);
  log.states[contents] = (log.states[contents] ?? 0) + 1;
  if (!log.broken) grow(log.roots, log.count, leafHash({ kind, flags, index, cEvent, cPerson }, line.logId));
  // After a gap go on behind it: each gap is told once.
  log.count = Math.max(log.count, index) + 1;
  state.entries += 1;
  if (log.pins.length > 0) comparePins(state, log);
}

/** @param {ExportState} state @param {Fields} fields */
function readCheckpoint(state, { at, note }) {
  const log = state.logs[state.logs.length - 1];
  if (log === undefined || !isCount(at)) return fault(state.faults, 'line', { line: state.lines });
  const checkpoint = ownCheckpoint(note, log.line, state.faults);
  if (checkpoint === undefined) return;
  const facts = { log: log.line.no, size: checkpoint.size, found: log.count, from: log.newest?.size ?? 0 };
  if (checkpoint.size !== log.count || checkpoint.size <= (log.newest?.size ?? -1)) fault(state.faults, 'checkpoint-place', facts);
  else if (log.broken) fault(state.faults, 'checkpoint-lost', facts);
  else if (checkpoint.root !== rootOf(log.roots)) fault(state.faults, 'checkpoint-root', facts);
  else log.newest = { size: checkpoint.size, at };
}

/** What must be so when a log's last line was read. @param {ExportState} state */
function finishLog(state) {
  const log = state.logs[state.logs.length - 1];
  if (log === undefined) return;
  const { line, count } = log;
  if (count !== line.size) fault(state.faults, 'size', { log: line.no, size: line.size, found: count });
  for (const { from, size } of log.pins) fault(state.faults, 'truncated', { log: line.no, from, size, found: count });
}

/** @param {ExportState} state @param {Fields} fields */
function readLog(state, fields) {
  const before = state.logs[state.logs.length - 1];
  finishLog(state);
  const line = logLineOf(fields, state.logs.length + 1, state.faults);
  if (line === undefined) return;
  const cited = before === undefined ? null : `${before.line.origin} ${before.count} ${rootOf(before.roots)}`;
  const first = before === undefined ? 0 : before.line.first + before.count;
  if (line.cites !== cited && before?.broken !== true) fault(state.faults, before === undefined ? 'cites-unknown' : 'cites', { log: line.no });
  if (line.first !== first) fault(state.faults, 'first', { log: line.no, first: line.first, expected: first });
  if (state.logs.some((log) => log.line.origin === line.origin)) fault(state.faults, 'log-line', { log: line.no });
  const pins = outsideOf(line, state.outside, state.faults).map(({ from, checkpoint: { size, root } }) => ({ from, size, root }));
  /** @type {ExportLog} */
  const log = { line, count: 0, roots: [], broken: false, newest: undefined, pins: pins.sort((a, b) => a.size - b.size), states: {} };
  state.logs.push(log);
  comparePins(state, log);
}

/** The exporter's signature over all lines before. @param {ExportState} state @param {unknown} end */
function readEnd(state, end) {
  state.ended = true;
  finishLog(state);
  const note = noteOf(end);
  const [, lines, digest, origin] = END.exec(note?.text ?? '') ?? [];
  const signer = state.logs.filter(({ line }) => line.keyText !== null).pop()?.line;
  state.digest.update(state.unhashed);
  state.unhashed = '';
  const [before, own] = [state.lines - 1, state.digest.digest('base64')];
  if (note === undefined || origin === undefined) fault(state.faults, 'line', { line: state.lines });
  else if (signer === undefined || origin !== signer.origin || !isSignedBy(note, origin, signer.key)) fault(state.faults, 'end-signature');
  else if (Number(lines) !== before || digest !== own) fault(state.faults, 'end-digest', { lines: lines ?? 0, found: before });
}

/** @param {ExportState} state @param {Fields} header */
function readHeader(state, header) {
  state.header = header;
  if (header['doorbook'] !== 'log-export/1' || !isCount(header['at']) || !isCount(header['logs']) || !isCount(header['entries'])) fault(state.faults, 'header');
}

/** Something that was wrong in the database when the export was made. @param {ExportState} state @param {Fields} fields */
function readFault({ faults }, { what, log, entry, size }) {
  fault(faults, 'exporter', { what: String(what).slice(0, 40), log: Number(log ?? 0), entry: Number(entry ?? -1), size: Number(size ?? -1) });
}

/** @param {ExportState} state @param {string} line */
function readOther(state, line) {
  /** @type {Fields} */
  let fields = {};
  try {
    fields = fieldsOf(JSON.parse(line));
  } catch {
    // Said below: a line without any field.
  }
  const [name, ...more] = Object.keys(fields);
  if (state.lines === 1) readHeader(state, fields);
  else if (more.length > 0) fault(state.faults, 'line', { line: state.lines });
  else if (name === 'log') readLog(state, fieldsOf(fields['log']));
  else if (name === 'checkpoint') readCheckpoint(state, fieldsOf(fields['checkpoint']));
  else if (name === 'fault') readFault(state, fieldsOf(fields['fault']));
  else if (name === 'end') readEnd(state, fields['end']);
  else fault(state.faults, 'line', { line: state.lines });
}

/** Reads the next line of an export, without its line feed. @param {ExportState} state @param {string} line */
export function readLine(state, line) {
  state.lines += 1;
  if (state.ended) return fault(state.faults, 'after-end', { line: state.lines });
  const match = ENTRY.exec(line);
  if (match !== null && state.lines > 1) readEntry(state, match);
  else readOther(state, line);
  if (state.ended) return;
  state.unhashed += `${line}\n`;
  if (state.unhashed.length > UNHASHED) {
    state.digest.update(state.unhashed);
    state.unhashed = '';
  }
}

/** To be called after the last line: true when everything verifies. @param {ExportState} state */
export function endExport(state) {
  const { faults, header, logs, entries, outside } = state;
  if (!state.ended) {
    finishLog(state);
    fault(faults, 'end-missing');
  }
  if (header !== undefined && (header['logs'] !== logs.length || header['entries'] !== entries))
    fault(faults, 'header-counts', { logs: Number(header['logs']), entries: Number(header['entries']), foundLogs: logs.length, foundEntries: entries });
  checkOutside(
    logs.map(({ line }) => line),
    outside,
    faults,
  );
  return faults.list.length === 0;
}

// ---------------------------------------------------------------- what entries say

/** The bytes are not what an entry's data looks like. */
class DataError extends Error {}

/** @typedef {string | number | boolean | null | Buffer | unknown[] | Map<number, unknown>} Item */

/** The big-endian number in these bytes. @param {Buffer} bytes @param {number} at @param {number} width */
function unsignedAt(bytes, at, width) {
  if (at + width > bytes.length) throw new DataError('runs past the end');
  let value = 0;
  for (let place = at; place < at + width; place += 1) value = value * 256 + (bytes[place] ?? 0);
  return value;
}

/** One item of canonical CBOR (RFC 8949 4.2.1) and where it ends. @param {Buffer} bytes @param {number} at @param {number} [depth] @returns {[Item, number]} */
function itemAt(bytes, at, depth = 0) {
  const first = unsignedAt(bytes, at, 1);
  const [major, info] = [first >> 5, first & 31];
  if (first === 0xf4 || first === 0xf5) return [first === 0xf5, at + 1];
  if (first === 0xf6) return [null, at + 1];
  if (major > 5 || info > 27 || depth > 8) throw new DataError('an item the log does not use');
  const width = info < 24 ? 0 : 2 ** (info - 24);
  const value = width === 0 ? info : unsignedAt(bytes, at + 1, width);
  let next = at + 1 + width;
  if (!Number.isSafeInteger(value)) throw new DataError('number beyond 2^53');
  if (major === 0) return [value, next];
  if (major === 1) return [-1 - value, next];
  if (major < 4) {
    if (next + value > bytes.length) throw new DataError('runs past the end');
    const part = bytes.subarray(next, next + value);
    return [major === 2 ? part : part.toString('utf8'), next + value];
  }
  /** @type {unknown[]} */
  const items = [];
  for (let left = major === 4 ? value : value * 2; left > 0; left -= 1) {
    const [item, end] = itemAt(bytes, next, depth + 1);
    items.push(item);
    next = end;
  }
  if (major === 4) return [items, next];
  return [new Map(items.flatMap((key, place) => (place % 2 === 0 && typeof key === 'number' ? [[key, items[place + 1]]] : []))), next];
}

/** Names of the numbers in entries, in the order of the numbers, from 1. They are for ever. */
const KINDS = ['access', 'outcome', 'door', 'link', 'command', 'register', 'system', 'audit'];
const REASONS =
  'OK UNKNOWN_CREDENTIAL NOT_REGISTERED LEASE_ENDED NOT_YET_VALID EXPIRED REVOKED SUSPENDED WRONG_DOOR OUT_OF_SCHEDULE ANTIPASSBACK INTERLOCK LOCKDOWN PIN_WRONG PASS_USED TOKEN_INVALID TOKEN_REPLAY NOT_SECURED UNKNOWN_DOOR CREDENTIAL_FORMAT STALE UNAVAILABLE OFFLINE_NO_LIST DEVICE_FAULT PIN_NEEDED PIN_SHUT PIN_OFFLINE LINE_TEST'.split(
    ' ',
  );
/** The same in Chinese. */
const KINDS_ZH = ['进出', '开门结果', '门况', '连接', '指令', '登记', '系统', '查看'];
const REASONS_ZH =
  '正常 卡未登记 未登记到人 租住已结束 未到起租日 已过期 已挂失或收回 已暂停 不开这扇门 不在时段 重复进入 互锁 封闭 密码错 通行码已用 通行码无效 通行码重放 读卡器未配置 门未登记 卡号格式不对 来得太晚 暂时存不下 断网无名单 设备故障 要输密码 密码停用 断网不认密码 线路测试中'.split(
    ' ',
  );
const NOTES = ['HOLDOVER', 'REGISTRATION_OVERDUE', 'ANTIPASSBACK', 'LOCKDOWN'];
const METHODS = ['card', 'pin', 'app', 'qr', 'remote'];
const FINALS = ['executed', 'local', 'not-executed', 'unknown'];

/** @param {Buffer} data @returns {Map<number, unknown>} */
function mapIn(data) {
  const [item, end] = itemAt(data, 0);
  if (!(item instanceof Map) || data.subarray(end).some((byte) => byte !== 0)) throw new DataError('not a map of fields');
  return item;
}

/** @param {Map<number, unknown>} map @param {number} key */
const numberIn = (map, key) => Number(map.get(key) ?? 0);
/** @param {Map<number, unknown>} map @param {number} key */
const textIn = (map, key) => (Buffer.isBuffer(map.get(key)) ? Buffer.from(/** @type {Buffer} */ (map.get(key))).toString('hex') : String(map.get(key) ?? ''));
/** @param {readonly string[]} names @param {Map<number, unknown>} map @param {number} key */
const nameIn = (names, map, key) => (map.has(key) ? (names[numberIn(map, key) - 1] ?? String(map.get(key))) : undefined);

/** What the sealed half about the event says. @param {Buffer} data */
export function eventIn(data) {
  const map = mapIn(data);
  return {
    kind: nameIn(KINDS, map, 1),
    controllerId: numberIn(map, 2),
    buildingId: numberIn(map, 6),
    doorId: numberIn(map, 7),
    granted: map.get(8) === true,
    reason: nameIn(REASONS, map, 9),
    note: nameIn(NOTES, map, 10),
    method: nameIn(METHODS, map, 11),
    offline: map.get(13) === true,
    final: nameIn(FINALS, map, 14),
    what: map.has(15) ? textIn(map, 15) : undefined,
    ref: map.has(16) ? numberIn(map, 16) : undefined,
    deviceTime: numberIn(map, 17),
    at: numberIn(map, 18),
    skewMs: numberIn(map, 19),
  };
}

/** What the sealed half about a person says: numbers of the register. @param {Buffer} data */
export function personIn(data) {
  const map = mapIn(data);
  return {
    personId: numberIn(map, 1),
    unitId: numberIn(map, 2),
    tenancyId: numberIn(map, 3),
    credentialId: numberIn(map, 4),
    fingerprint: textIn(map, 5),
    accountId: numberIn(map, 6),
    words: textIn(map, 7),
  };
}

/** C_x = SHA-256("doorbook/x/1" ‖ 00 ‖ r ‖ length ‖ data) of `r ‖ data`, base64. @param {'event' | 'person'} part @param {Buffer} opening */
function commitmentOf(part, opening) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(opening.length - 32);
  return sha256(Buffer.concat([Buffer.from(`doorbook/${part}/1\0`), opening.subarray(0, 32), length, opening.subarray(32)])).toString('base64');
}

// ---------------------------------------------------------------- evidence files

/** @typedef {ReturnType<typeof eventIn>} EventSaid */
/** @typedef {ReturnType<typeof personIn>} PersonSaid */
/** An entry that is proven. @typedef {{ readonly index: number, readonly log: number, readonly event: EventSaid | undefined, readonly person: PersonSaid | undefined, readonly said: Fields }} Proven */
/** `root`: signed for the first `line.size` entries. @typedef {{ readonly line: LogLine, root: string | undefined, readonly entries: readonly unknown[] }} EvidenceLog */
/** @typedef {{ readonly faults: Faults, readonly logs: EvidenceLog[], readonly entries: Map<number, Proven>, about: Fields, words: Set<string> }} EvidenceState */

/** Bytes in their one base64 form; undefined for anything else. @param {unknown} value @returns {Buffer | undefined} */
function bytesOf(value) {
  const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64');
  return bytes.toString('base64') === value ? bytes : undefined;
}

/** One half of an entry: its commitment, and its data when the file has it. @param {'event' | 'person'} part @param {Fields} entry */
function halfOf(part, entry) {
  const [opening, sealed] = part === 'event' ? [entry['event'], entry['cEvent']] : [entry['person'], entry['cPerson']];
  if (opening === undefined) return typeof sealed === 'string' && new RegExp(`^${HASH64}$`).test(sealed) ? { commitment: sealed, data: undefined } : undefined;
  const bytes = bytesOf(opening);
  if (bytes === undefined || sealed !== undefined || bytes.length < 32 || bytes.length > 32 + 65535) return undefined;
  return { commitment: commitmentOf(part, bytes), data: bytes.subarray(32) };
}

/** @param {EvidenceState} state @param {EvidenceLog} log @param {Fields} entry */
function readEvidenceEntry(state, { line, root }, entry) {
  const { index, leafIndex, kind, flags } = entry;
  const [event, person, proof] = [halfOf('event', entry), halfOf('person', entry), listOf(entry['proof']).map(bytesOf)];
  const facts = { log: line.no, entry: isCount(index) ? index : -1 };
  const isWhole = isCount(index) && isCount(leafIndex) && isCount(kind) && kind < 256 && isCount(flags) && flags < 65536 && Array.isArray(entry['proof']);
  const steps = proof.flatMap((step) => (step?.length === 32 ? [step] : []));
  if (!isWhole || event === undefined || person === undefined || steps.length !== proof.length) return fault(state.faults, 'entry-form', facts);
  if (index !== line.first + leafIndex) fault(state.faults, 'entry-number', { ...facts, expected: line.first + leafIndex });
  if (state.entries.has(index)) return fault(state.faults, 'entry-twice', facts);
  const leaf = leafHash({ kind, flags, index: leafIndex, cEvent: event.commitment, cPerson: person.commitment }, line.logId);
  if (root === undefined || rootOfInclusion({ index: leafIndex, size: line.size, leaf, proof: steps }) !== root) return fault(state.faults, 'not-in-log', facts);
  try {
    const said = { event: event.data && eventIn(event.data), person: person.data && personIn(person.data) };
    if (said.event !== undefined && (KINDS[kind - 1] ?? String(kind)) !== said.event.kind) fault(state.faults, 'entry-kind', facts);
    state.entries.set(index, { index, log: line.no, ...said, said: {} });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    fault(state.faults, 'entry-data', facts);
  }
}

/** What a log's line and signed checkpoint say of the one before it, which they prove the whole of. @param {EvidenceState} state @param {LogLine} line @param {Checkpoint | undefined} checkpoint */
function readChain({ faults, logs }, line, checkpoint) {
  const before = logs[logs.length - 1];
  const [origin, size = 0, root = ''] = line.cites?.split(' ') ?? [];
  const first = before === undefined ? 0 : before.line.first + Number(size);
  if (before === undefined ? origin !== undefined : origin !== before.line.origin) fault(faults, before === undefined ? 'cites-unknown' : 'cites', { log: line.no });
  else if (line.first !== first) fault(faults, 'first', { log: line.no, first: line.first, expected: first });
  if (before === undefined || checkpoint === undefined || Number(size) !== before.line.size) return;
  if (before.root !== undefined && before.root !== root) fault(faults, 'cites', { log: line.no });
  before.root = root;
}

/** @param {EvidenceState} state @param {Fields} fields @param {Outside} outside */
function readEvidenceLog(state, fields, outside) {
  const line = logLineOf(fields, state.logs.length + 1, state.faults);
  if (line === undefined) return;
  const { checkpoint: own } = fields;
  const checkpoint = own === null ? undefined : ownCheckpoint(fieldsOf(own)['note'], line, state.faults);
  readChain(state, line, checkpoint);
  state.logs.push({ line, root: checkpoint?.size === line.size ? checkpoint.root : undefined, entries: listOf(fields['entries']) });
  for (const { from, checkpoint: theirs } of outsideOf(line, outside, state.faults)) {
    const facts = { log: line.no, from, size: theirs.size, found: checkpoint?.size ?? 0 };
    if (theirs.size !== checkpoint?.size) fault(state.faults, 'outside-other-size', facts);
    else if (theirs.root !== checkpoint.root) fault(state.faults, 'forked', facts);
  }
}

/** Fields of a line that the log proves, when it has that half: by name, what it must be. @param {Proven} proven @returns {Fields} */
function provenFields({ event, person }) {
  const code = event?.kind === 'access' ? (event.reason ?? 'DEVICE_FAULT') : (event?.what ?? event?.reason ?? event?.kind);
  // A time or a number of 0, and a word that is not there, are left out of what is sealed.
  const { kind, at, deviceTime, skewMs, granted, offline, buildingId, doorId, note, final, ref, reason, method } = event ?? {};
  const ofEvent = event === undefined ? {} : { kind, code, at, deviceTime, skewMs, granted, offline, buildingId, doorId, note, final, ref, reason, method, what: event.what };
  const { personId, unitId, tenancyId, credentialId, accountId } = person ?? {};
  return { ...ofEvent, ...(person === undefined ? {} : { personId, unitId, tenancyId, credentialId, accountId }) };
}

/** @param {EvidenceState} state @param {Fields} said */
function readSaid(state, said) {
  const proven = isCount(said['index']) ? state.entries.get(said['index']) : undefined;
  const entry = isCount(said['index']) ? said['index'] : -1;
  if (proven === undefined) return fault(state.faults, 'said-unknown', { entry });
  state.entries.set(entry, { ...proven, said });
  const known = provenFields(proven);
  for (const [name, value] of Object.entries(said)) {
    if (name === 'index' || value === null) continue;
    if (!Object.hasOwn(known, name)) state.words.add(name);
    else if ((known[name] ?? null) !== value) fault(state.faults, 'said-other', { entry, name, said: JSON.stringify(value) ?? '', proven: JSON.stringify(known[name]) ?? 'null' });
  }
}

/** Checks an evidence file from its text. @param {string} text @param {Outside} [outside] @returns {EvidenceState} */
export function verifyEvidence(text, outside = {}) {
  /** @type {EvidenceState} */
  const state = { faults: { list: [], more: 0 }, logs: [], entries: new Map(), about: {}, words: new Set() };
  /** @type {Fields} */
  let file = {};
  try {
    file = fieldsOf(JSON.parse(text));
  } catch {
    // Said below: a file without any field.
  }
  state.about = fieldsOf(file['about']);
  if (file['doorbook'] !== 'evidence/1' || !Array.isArray(file['logs']) || !Array.isArray(file['said'])) fault(state.faults, 'format');
  for (const log of listOf(file['logs'])) readEvidenceLog(state, fieldsOf(log), outside);
  for (const log of state.logs) {
    if (log.root === undefined && log.line.size > 0) fault(state.faults, 'unsigned', { log: log.line.no, size: log.line.size });
    for (const entry of log.entries) readEvidenceEntry(state, log, fieldsOf(entry));
  }
  for (const said of listOf(file['said'])) readSaid(state, fieldsOf(said));
  checkOutside(
    state.logs.map(({ line }) => line),
    outside,
    state.faults,
  );
  return state;
}

// ---------------------------------------------------------------- words

/** @typedef {keyof typeof FAULTS.zh} FaultCode */

/** What was wrong in the database when the export was made. */
const FOUND = {
  zh: {
    'leaf-hash': '记录的散列值被改过',
    tile: '哈希树的中间结点被改过或缺失',
    columns: '记录的时间列或结果列与封存内容不符',
    checkpoint: '检查点被改过',
    missing: '记录缺失',
    truncated: '检查点覆盖的记录比现有的多，末尾的记录没了',
    log: '日志表被改过',
  },
  en: {
    'leaf-hash': 'the stored hash of an entry was changed',
    tile: 'a node of the hash tree was changed or is missing',
    columns: 'the time or result column of an entry is not what its contents say',
    checkpoint: 'a checkpoint was changed',
    missing: 'entries are missing',
    truncated: 'a checkpoint covers more entries than there are: the newest are gone',
    log: 'the table of logs was changed',
  },
};

/** @param {Record<string, string>} words @param {Facts} facts */
const foundIn = (words, { what = '' }) => words[what] ?? String(what);
/** @param {Facts} facts @param {string} entry @param {string} size */
const placeOf = (facts, entry, size) =>
  [Number(facts['entry']) >= 0 ? `${entry} ${facts['entry']}` : '', Number(facts['size']) >= 0 ? `${size} ${facts['size']}` : ''].filter(Boolean).join(', ');

const FAULTS = {
  zh: {
    /** @param {Facts} f */ line: (f) => `第 ${f.line} 行读不懂：不是导出文件里该有的样子。`,
    header: () => '文件开头不对。',
    /** @param {Facts} f */ 'header-counts': (f) => `文件开头说有 ${f.logs} 个日志、${f.entries} 条记录，实际有 ${f.foundLogs} 个、${f.foundEntries} 条。`,
    /** @param {Facts} f */ 'log-line': (f) => `日志 ${f.log} 的说明行不对。`,
    /** @param {Facts} f */ 'log-key': (f) => `日志 ${f.log} 的公钥不是它的公钥该有的样子。`,
    /** @param {Facts} f */ cites: (f) => `日志 ${f.log} 不是接着它前面那个日志的：引用的大小或散列值对不上。`,
    /** @param {Facts} f */ 'cites-unknown': (f) => `日志 ${f.log} 接着一个不在文件里的日志：前面的缺了。`,
    /** @param {Facts} f */ first: (f) => `日志 ${f.log} 说自己从第 ${f.first} 条开始，应当从第 ${f.expected} 条开始。`,
    /** @param {Facts} f */ gap: (f) => `日志 ${f.log}：第 ${f.expected} 条起缺记录，下一条是第 ${f.entry} 条。`,
    /** @param {Facts} f */ order: (f) => `日志 ${f.log}：第 ${f.entry} 条重复或次序不对，这里应当是第 ${f.expected} 条。`,
    /** @param {Facts} f */ contents: (f) => `日志 ${f.log}：第 ${f.entry} 条的封存内容被改过或损坏（导出时发现）。`,
    /** @param {Facts} f */ size: (f) => `日志 ${f.log} 应有 ${f.size} 条，文件里到第 ${f.found} 条为止。`,
    /** @param {Facts} f */ 'checkpoint-form': (f) => `日志 ${f.log} 的一个检查点不是检查点的样子，或属于别的日志。`,
    /** @param {Facts} f */ 'checkpoint-signature': (f) => `日志 ${f.log}：${f.size} 条的检查点签名不对。`,
    /** @param {Facts} f */ 'checkpoint-cites': (f) => `日志 ${f.log}：${f.size} 条的检查点引用的前一日志与说明行不同。`,
    /** @param {Facts} f */ 'checkpoint-place': (f) => `日志 ${f.log}：${f.size} 条的检查点出现在 ${f.found} 条之后，位置不对；其间有增删，或检查点被换过。`,
    /** @param {Facts} f */ 'checkpoint-lost': (f) => `日志 ${f.log}：前面次序不对，${f.size} 条的检查点无法核对。`,
    /** @param {Facts} f */ 'checkpoint-root': (f) => `日志 ${f.log}：前 ${f.size} 条不是检查点签名时的那些；第 ${f.from} 条（日志内计数）之后有一条被改过。`,
    /** @param {Facts} f */ exporter: (f) => `导出程序在日志 ${f.log} 里发现：${foundIn(FOUND.zh, f)}（${placeOf(f, '记录', '条数')}）。`,
    'end-missing': () => '文件没有结尾：被截断了。',
    /** @param {Facts} f */ 'after-end': (f) => `第 ${f.line} 行在结尾之后：是后加的。`,
    'end-signature': () => '文件结尾的签名不对：文件在导出后被改过，或不是由保管密钥的网关导出的。',
    /** @param {Facts} f */ 'end-digest': (f) => `文件在导出后被改过：结尾签名的是 ${f.lines} 行，现有 ${f.found} 行，或内容不同。`,
    utf8: () => '文件里有不是 UTF-8 的字节。',
    /** @param {Facts} f */ 'long-line': (f) => `第 ${f.line} 行太长。`,
    /** @param {Facts} f */ torn: (f) => `第 ${f.line} 行没有写完。`,
    /** @param {Facts} f */ truncated: (f) => `日志 ${f.log} 被截短：${f.from} 里的检查点有 ${f.size} 条，这里只有 ${f.found} 条。`,
    /** @param {Facts} f */ forked: (f) => `日志 ${f.log} 有两个版本：${f.from} 里的检查点也是 ${f.size} 条，内容却不同。`,
    /** @param {Facts} f */ 'outside-signature': (f) => `${f.from} 里 ${f.size} 条的检查点不是日志 ${f.log} 的密钥签的：两者有一个不是真的。`,
    /** @param {Facts} f */ 'outside-cites': (f) => `${f.from} 里 ${f.size} 条的检查点引用的前一日志与日志 ${f.log} 说的不同。`,
    /** @param {Facts} f */ 'outside-stranger': (f) => `${f.from} 里的检查点（${f.size} 条）属于 ${f.origin}，文件里没有这个日志。`,
    /** @param {Facts} f */ 'outside-other-size': (f) =>
      `${f.from} 里的检查点有 ${f.size} 条，本文件的有 ${f.found} 条，单凭证据文件无法比较。请核对日志导出：node verify.mjs 导出文件 --checkpoint ${f.from} --checkpoint 证据文件。`,
    /** @param {Facts} f */ 'key-stranger': (f) => `给出的公钥属于 ${f.origin}，文件里没有这个日志。`,
    /** @param {Facts} f */ 'key-other': (f) => `日志 ${f.log} 的公钥不是给出的那个。`,
    format: () => '这不是日志导出，也不是证据文件，或文件开头被改过。',
    /** @param {Facts} f */ unsigned: (f) => `日志 ${f.log} 的前 ${f.size} 条没有签名能证明。`,
    /** @param {Facts} f */ 'entry-form': (f) => `日志 ${f.log} 的第 ${f.entry} 条不是证据该有的样子。`,
    /** @param {Facts} f */ 'entry-number': (f) => `日志 ${f.log} 的第 ${f.entry} 条编号不对，应当是 ${f.expected}。`,
    /** @param {Facts} f */ 'entry-twice': (f) => `第 ${f.entry} 条出现了两次。`,
    /** @param {Facts} f */ 'not-in-log': (f) => `第 ${f.entry} 条不在签过名的日志 ${f.log} 里：内容、位置或证明被改过。`,
    /** @param {Facts} f */ 'entry-kind': (f) => `第 ${f.entry} 条的种类与内容不符。`,
    /** @param {Facts} f */ 'entry-data': (f) => `第 ${f.entry} 条的内容读不懂。`,
    /** @param {Facts} f */ 'said-unknown': (f) => `说明里有第 ${f.entry} 条，证据里没有能证明的这一条。`,
    /** @param {Facts} f */ 'said-other': (f) => `第 ${f.entry} 条：说明里的 ${f.name} 是 ${f.said}，日志证明的是 ${f.proven}。`,
  },
  en: {
    /** @param {Facts} f */ line: (f) => `Line ${f.line} cannot be read: it is nothing that stands in an export.`,
    header: () => 'The beginning of the file is wrong.',
    /** @param {Facts} f */ 'header-counts': (f) => `The file says it has ${f.logs} logs and ${f.entries} entries; it has ${f.foundLogs} and ${f.foundEntries}.`,
    /** @param {Facts} f */ 'log-line': (f) => `The line that describes log ${f.log} is wrong.`,
    /** @param {Facts} f */ 'log-key': (f) => `The key of log ${f.log} is not a key of that log.`,
    /** @param {Facts} f */ cites: (f) => `Log ${f.log} does not go on from the one before it: the size or root it cites is another.`,
    /** @param {Facts} f */ 'cites-unknown': (f) => `Log ${f.log} goes on from a log that is not in the file: the beginning is missing.`,
    /** @param {Facts} f */ first: (f) => `Log ${f.log} says it begins at entry ${f.first}; it should at ${f.expected}.`,
    /** @param {Facts} f */ gap: (f) => `Log ${f.log}: entries from ${f.expected} on are missing, the next is ${f.entry}.`,
    /** @param {Facts} f */ order: (f) => `Log ${f.log}: entry ${f.entry} stands twice or in the wrong place; here entry ${f.expected} should be.`,
    /** @param {Facts} f */ contents: (f) => `Log ${f.log}: the sealed contents of entry ${f.entry} were changed or damaged (found at export).`,
    /** @param {Facts} f */ size: (f) => `Log ${f.log} should have ${f.size} entries; the file has them up to ${f.found}.`,
    /** @param {Facts} f */ 'checkpoint-form': (f) => `A checkpoint of log ${f.log} has not the form of one, or is of another log.`,
    /** @param {Facts} f */ 'checkpoint-signature': (f) => `Log ${f.log}: the signature of the checkpoint over ${f.size} entries is wrong.`,
    /** @param {Facts} f */ 'checkpoint-cites': (f) => `Log ${f.log}: the checkpoint over ${f.size} entries cites another earlier log than the log's line.`,
    /** @param {Facts} f */ 'checkpoint-place': (f) =>
      `Log ${f.log}: the checkpoint over ${f.size} entries stands after ${f.found}. Entries were added or removed, or the checkpoint was replaced.`,
    /** @param {Facts} f */ 'checkpoint-lost': (f) => `Log ${f.log}: the checkpoint over ${f.size} entries cannot be checked, for the order is broken before it.`,
    /** @param {Facts} f */ 'checkpoint-root': (f) =>
      `Log ${f.log}: its first ${f.size} entries are not those the checkpoint was signed over; one behind the first ${f.from} was changed.`,
    /** @param {Facts} f */ exporter: (f) => `The exporting program found in log ${f.log}: ${foundIn(FOUND.en, f)} (${placeOf(f, 'entry', 'size')}).`,
    'end-missing': () => 'The file has no end: it was cut.',
    /** @param {Facts} f */ 'after-end': (f) => `Line ${f.line} stands behind the end: it was added.`,
    'end-signature': () => 'The signature at the end is wrong: the file was changed after the export, or not made by the gateway that has the key.',
    /** @param {Facts} f */ 'end-digest': (f) => `The file was changed after the export: its end was signed over ${f.lines} lines, here are ${f.found}, or others.`,
    utf8: () => 'The file has bytes that are not UTF-8.',
    /** @param {Facts} f */ 'long-line': (f) => `Line ${f.line} is too long.`,
    /** @param {Facts} f */ torn: (f) => `Line ${f.line} does not end.`,
    /** @param {Facts} f */ truncated: (f) => `Log ${f.log} was cut: the checkpoint in ${f.from} covers ${f.size} entries, here are ${f.found}.`,
    /** @param {Facts} f */ forked: (f) => `Log ${f.log} has two histories: the checkpoint in ${f.from} is over ${f.size} entries too, and they are others.`,
    /** @param {Facts} f */ 'outside-signature': (f) =>
      `The checkpoint over ${f.size} entries in ${f.from} is not signed by the key of log ${f.log}: one of the two is not genuine.`,
    /** @param {Facts} f */ 'outside-cites': (f) => `The checkpoint over ${f.size} entries in ${f.from} cites another earlier log than log ${f.log} does.`,
    /** @param {Facts} f */ 'outside-stranger': (f) => `The checkpoint over ${f.size} entries in ${f.from} is of ${f.origin}, and that log is not in the file.`,
    /** @param {Facts} f */ 'outside-other-size': (f) =>
      `The checkpoint in ${f.from} covers ${f.size} entries, that of this file ${f.found}: an evidence file alone cannot tell. Verify a log export: node verify.mjs EXPORT --checkpoint ${f.from} --checkpoint EVIDENCE.`,
    /** @param {Facts} f */ 'key-stranger': (f) => `The key given is of ${f.origin}, and that log is not in the file.`,
    /** @param {Facts} f */ 'key-other': (f) => `The key of log ${f.log} is not the one given.`,
    format: () => 'This is neither a log export nor an evidence file, or its beginning was changed.',
    /** @param {Facts} f */ unsigned: (f) => `No signature proves the first ${f.size} entries of log ${f.log}.`,
    /** @param {Facts} f */ 'entry-form': (f) => `Entry ${f.entry} of log ${f.log} has not the form of evidence.`,
    /** @param {Facts} f */ 'entry-number': (f) => `Entry ${f.entry} of log ${f.log} has the wrong number; it should be ${f.expected}.`,
    /** @param {Facts} f */ 'entry-twice': (f) => `Entry ${f.entry} stands twice.`,
    /** @param {Facts} f */ 'not-in-log': (f) => `Entry ${f.entry} is not in the signed log ${f.log}: its contents, place or proof were changed.`,
    /** @param {Facts} f */ 'entry-kind': (f) => `Entry ${f.entry} is of another kind than its contents say.`,
    /** @param {Facts} f */ 'entry-data': (f) => `The contents of entry ${f.entry} cannot be read.`,
    /** @param {Facts} f */ 'said-unknown': (f) => `Entry ${f.entry} is described, and the file does not prove it.`,
    /** @param {Facts} f */ 'said-other': (f) => `Entry ${f.entry}: ${f.name} is said to be ${f.said}, and the log proves ${f.proven}.`,
  },
};

/** A fault in a sentence. @param {Fault} fault @param {Language} language */
export const explain = ({ code, facts }, language) => FAULTS[language][code](facts);

const WORDS = {
  zh: {
    usage: '用法：node verify.mjs 文件 [--checkpoint 文件]… [--key 公钥]… [--lang zh|en]\n文件：日志导出或证据文件。检查点文件：从别处拿到的检查点。公钥：别处告诉您的日志公钥。',
    unknown: (/** @type {string} */ what) => `不认识 ${what}。`,
    unreadable: (/** @type {string} */ file, /** @type {string} */ why) => `读不了 ${file}（${why}）。`,
    noCheckpoint: (/** @type {string} */ file) => `${file} 里没有找到检查点。`,
    notKey: (/** @type {string} */ key) => `“${key}” 不是日志公钥。应当是：doorbook/log/…+8 位十六进制+base64。`,
    madeAt: (/** @type {string} */ at) => `日志导出，做于 ${at}（网关所说）`,
    evidence: (/** @type {string} */ by, /** @type {string} */ at, /** @type {string} */ purpose) => `证据文件，${by} 做于 ${at}，用途：${purpose}（网关所说）`,
    log: (/** @type {number} */ no, /** @type {string} */ origin, /** @type {string} */ range) => `日志 ${no}  ${origin}  ${range}`,
    range: (/** @type {string} */ from, /** @type {string} */ to) => `第 ${from} 到 ${to} 条`,
    empty: '还没有记录',
    covered: (/** @type {string} */ size, /** @type {string} */ at) => `  最新检查点：${size} 条，${at}`,
    uncovered: '  没有检查点',
    proofs: (/** @type {string} */ size) => `证明针对前 ${size} 条`,
    key: (/** @type {string} */ key) => `  公钥：${key}`,
    contents: (/** @type {string[]} */ [whole, noPerson, none, bad]) =>
      `封存内容：${whole} 条能打开且相符，${noPerson} 条只剩事件（人员密钥已销毁），${none} 条密钥已销毁，${bad} 条损坏（导出程序所说）`,
    speed: (/** @type {string} */ entries, /** @type {string} */ seconds, /** @type {string} */ speed) => `核对 ${entries} 条，用时 ${seconds} 秒（每秒 ${speed} 条）`,
    good: '✔ 全部核对通过。',
    bad: '✘ 核对没有通过：',
    more: (/** @type {number} */ more) => `还有 ${more} 处。`,
    proven: '已证明：',
    not: '没有证明：',
    none: '  什么也没有：先弄清上面的问题。',
    signed: (/** @type {string} */ list) => `${list}正是检查点签名时的那些：签名之后没有一条被改、被删、被加、被调换。`,
    signedOne: (/** @type {number} */ no, /** @type {string} */ size) => `日志 ${no} 的前 ${size} 条`,
    chain: '后一个日志接着前一个，前一个的大小和内容由后一个的签名固定。',
    whole: '文件从导出到现在没有动过。',
    agrees: (/** @type {string} */ from, /** @type {number} */ no, /** @type {string} */ size) =>
      `与 ${from} 一致：日志 ${no} 的前 ${size} 条从那个检查点离开网关起没人改过，保管密钥的人也没有。`,
    keyKnown: (/** @type {number} */ no) => `日志 ${no} 的公钥就是给出的那个。`,
    tail: (/** @type {string} */ tail) => `最新检查点之后还有 ${tail} 条，只有导出时的签名；在这之后、导出之前是否少了记录，要有更新的外来检查点才能知道。`,
    newer: '最新检查点之后是否少了记录：要有更新的外来检查点才能知道。',
    fork: '没有外来的检查点可比：保管密钥的人可以另签一份同样自洽的日志。请用控制器、控制台、打印件或主管单位手里的检查点再核对（--checkpoint）。',
    forkAfter: '外来检查点之后的部分：保管密钥的人可以另签。',
    keyUnknown: '公钥是文件自带的，没有与别处得知的比过（--key）。',
    sealed: '记录的内容是封存的，本文件不含内容；能不能打开、密钥是否已销毁，是导出程序所说。',
    columns: '检索用的标签和时间列不在证明之内。',
    unlogged: '没有记进日志的事，不能证明发生过，也不能证明没发生。',
    entriesSigned: (/** @type {string} */ count) => `下列 ${count} 条在签过名的日志里，位置和内容都没有改过；时间、种类、结果、原因、门号、人员号是日志里的原文。`,
    register: (/** @type {string} */ names) => `说明里的这些栏是登记簿或网关的说法，不是日志证明的：${names}。`,
    numbers: '编号对应哪扇门、哪个人：由登记簿说明。',
    selection: '没有列出的记录：本文件不说明它们是否存在，也不说明挑选是否完整。',
    hidden: '只给了散列值的部分（人员一半，或密钥已销毁的内容）说了什么。',
    about: '谁、何时、为何做了本文件：网关所说。',
    destroyed: '内容密钥已销毁',
    person: '人员',
    door: '门',
    home: '户',
    granted: '放行',
    refused: '拒绝',
    offline: '离线',
    of: '接第',
    said: '说明',
  },
  en: {
    usage:
      'Usage: node verify.mjs PATH [--checkpoint FILE]… [--key VKEY]… [--lang zh|en]\nPATH: a log export or an evidence file. FILE: a checkpoint from elsewhere. VKEY: the key of the log as it was told you.',
    unknown: (/** @type {string} */ what) => `${what} is not known.`,
    unreadable: (/** @type {string} */ file, /** @type {string} */ why) => `${file} cannot be read (${why}).`,
    noCheckpoint: (/** @type {string} */ file) => `No checkpoint was found in ${file}.`,
    notKey: (/** @type {string} */ key) => `"${key}" is not the key of a log: expected doorbook/log/…+8 hex digits+base64.`,
    madeAt: (/** @type {string} */ at) => `Log export made at ${at}, as the gateway says`,
    evidence: (/** @type {string} */ by, /** @type {string} */ at, /** @type {string} */ purpose) => `Evidence file made by ${by} at ${at} for: ${purpose} (as the gateway says)`,
    log: (/** @type {number} */ no, /** @type {string} */ origin, /** @type {string} */ range) => `Log ${no}  ${origin}  ${range}`,
    range: (/** @type {string} */ from, /** @type {string} */ to) => `entries ${from} to ${to}`,
    empty: 'no entries yet',
    covered: (/** @type {string} */ size, /** @type {string} */ at) => `  newest checkpoint: over ${size} entries, ${at}`,
    uncovered: '  no checkpoint',
    proofs: (/** @type {string} */ size) => `proofs are for its first ${size} entries`,
    key: (/** @type {string} */ key) => `  key: ${key}`,
    contents: (/** @type {string[]} */ [whole, noPerson, none, bad]) =>
      `Sealed contents, as the exporting program says: ${whole} open and match, ${noPerson} without the person (key destroyed), ${none} with their keys destroyed, ${bad} damaged`,
    speed: (/** @type {string} */ entries, /** @type {string} */ seconds, /** @type {string} */ speed) => `${entries} entries checked in ${seconds} s (${speed} a second)`,
    good: '✔ Everything verifies.',
    bad: '✘ This does not verify:',
    more: (/** @type {number} */ more) => `and ${more} more.`,
    proven: 'Proven:',
    not: 'Not proven:',
    none: '  Nothing, until what is said above is cleared up.',
    signed: (/** @type {string} */ list) => `${list} are exactly those the checkpoints were signed over: since then none was changed, removed, added or swapped.`,
    signedOne: (/** @type {number} */ no, /** @type {string} */ size) => `the first ${size} entries of log ${no}`,
    chain: 'Each log goes on from the one before, whose size and contents its signature pins.',
    whole: 'The file is as it was exported.',
    agrees: (/** @type {string} */ from, /** @type {number} */ no, /** @type {string} */ size) =>
      `It agrees with ${from}: nobody changed the first ${size} entries of log ${no} since that checkpoint left the gateway, nor did who holds the key.`,
    keyKnown: (/** @type {number} */ no) => `The key of log ${no} is the one given.`,
    tail: (/** @type {string} */ tail) =>
      `The ${tail} entries behind the newest checkpoint have only the signature of the export. Whether entries behind that checkpoint were left out, only a newer checkpoint from outside can tell.`,
    newer: 'Whether entries behind the newest checkpoint were left out: only a newer checkpoint from outside can tell.',
    fork: 'There was no checkpoint from outside to compare with: who held the key could have signed another history. Compare one that a controller, a console, a printed note or the authority holds (--checkpoint).',
    forkAfter: 'What is behind the checkpoints from outside: who holds the key could have signed another.',
    keyUnknown: 'The key came with the file; it was not compared with one known from elsewhere (--key).',
    sealed: 'What the entries say is sealed and not in this file. That they open, or that their keys are destroyed, is what the exporting program says.',
    columns: 'The tags and times by which the gateway searches are not part of the proof.',
    unlogged: 'What was never logged: neither that it happened nor that it did not.',
    entriesSigned: (/** @type {string} */ count) =>
      `The ${count} entries below are in the signed log, in their place and unchanged; time, kind, result, reason and the numbers of doors and people are what the log says.`,
    register: (/** @type {string} */ names) => `These fields of the description are the word of the register or the gateway, not of the log: ${names}.`,
    numbers: 'Which door or person a number is: the register says that.',
    selection: 'Entries that are not listed: the file does not say whether there are others, nor that the selection is complete.',
    hidden: 'What those halves say that are given by their hash alone (people, or contents whose keys are destroyed).',
    about: 'Who made the file, when and why: the gateway says so.',
    destroyed: 'contents not here',
    person: 'person',
    door: 'door',
    home: 'home',
    granted: 'granted',
    refused: 'refused',
    offline: 'offline',
    of: 'of',
    said: 'said',
  },
};

/** @param {number} value */
const grouped = (value) => value.toLocaleString('en');
/** Local time of the register, China's one zone. @param {unknown} at epoch ms */
function timeOf(at) {
  if (typeof at !== 'number' || !Number.isFinite(at) || Math.abs(at) > 8e15) return '–';
  return `${new Date(at + 8 * 3600000).toISOString().slice(0, 23).replace('T', ' ')} +08:00`;
}
/** What comes from a file must not move the cursor of whoever reads it. @param {unknown} text */
const harmless = (text) => String(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');

/** @param {Faults} faults @param {Language} language @returns {string[]} */
function verdictLines({ list, more }, language) {
  const words = WORDS[language];
  if (list.length === 0) return ['', words.good];
  return ['', words.bad, ...list.map((each) => `  · ${harmless(explain(each, language))}`), ...(more > 0 ? [`  · ${words.more(more)}`] : [])];
}

/** @param {string} title @param {readonly (string | undefined)[]} points @returns {string[]} */
const listed = (title, points) => ['', title, ...points.flatMap((point) => (point === undefined ? [] : [`  · ${point}`]))];

/** What outside things are in agreement, in words. @param {readonly LogLine[]} logs @param {Outside} outside @param {Language} language */
function agreements(logs, { checkpoints = [], keys = [] }, language) {
  const words = WORDS[language];
  return logs.flatMap(({ no, origin, keyText }) => [
    ...checkpoints.filter(({ checkpoint }) => checkpoint.origin === origin).map(({ from, checkpoint }) => words.agrees(from, no, grouped(checkpoint.size))),
    ...(keyText !== null && keys.includes(keyText) ? [words.keyKnown(no)] : []),
  ]);
}

/** @param {ExportState} state @param {Language} language @returns {string[]} */
function exportProofs(state, language) {
  const { faults, logs, outside } = state;
  const words = WORDS[language];
  const last = logs[logs.length - 1];
  if (faults.list.length > 0 || last === undefined) return [...listed(words.proven, []), words.none];
  const signed = logs.flatMap(({ line, newest }) => (newest === undefined ? [] : [words.signedOne(line.no, grouped(newest.size))]));
  const tail = last.count - (last.newest?.size ?? 0);
  const lines = logs.map(({ line }) => line);
  const pinned = outside.checkpoints?.some(({ checkpoint }) => checkpoint.origin === last.line.origin) === true;
  const proven = [
    signed.length === 0 ? undefined : words.signed(signed.join(language === 'zh' ? '、' : ', ')),
    logs.length > 1 ? words.chain : undefined,
    words.whole,
    ...agreements(lines, outside, language),
  ];
  const keyed = outside.keys?.includes(last.line.keyText ?? '') === true || pinned;
  const not = [
    tail > 0 ? words.tail(grouped(tail)) : words.newer,
    pinned ? words.forkAfter : words.fork,
    keyed ? undefined : words.keyUnknown,
    words.sealed,
    words.columns,
    words.unlogged,
  ];
  return [...listed(words.proven, proven), ...listed(words.not, not)];
}

/** Everything a person is told about an export. @param {ExportState} state @param {{ readonly language: Language, readonly seconds: number }} how @returns {string} */
export function exportReport(state, { language, seconds }) {
  const words = WORDS[language];
  const sum = (/** @type {(state: string) => boolean} */ wanted) =>
    grouped(state.logs.reduce((total, { states }) => total + Object.entries(states).reduce((part, [name, count]) => part + (wanted(name) ? count : 0), 0), 0));
  const logs = state.logs.flatMap(({ line, count, newest }) => [
    words.log(line.no, line.origin, count === 0 ? words.empty : words.range(grouped(line.first), grouped(line.first + count - 1))),
    newest === undefined ? words.uncovered : words.covered(grouped(newest.size), timeOf(newest.at)),
    ...(line.keyText === null ? [] : [words.key(harmless(line.keyText))]),
  ]);
  return [
    words.madeAt(timeOf(state.header?.['at'])),
    ...logs,
    words.contents([sum((name) => name === 'mm'), sum((name) => name === 'mg'), sum((name) => name === 'gg'), sum((name) => name.includes('x'))]),
    words.speed(grouped(state.entries), seconds.toFixed(2), grouped(Math.round(state.entries / Math.max(seconds, 0.001)))),
    ...verdictLines(state.faults, language),
    ...exportProofs(state, language),
  ].join('\n');
}

/** A name, in Chinese with its word. @param {readonly string[]} names @param {readonly string[]} chinese @param {string | undefined} name @param {Language} language */
const named = (names, chinese, name, language) => (language === 'zh' && name !== undefined && names.includes(name) ? `${chinese[names.indexOf(name)]}（${name}）` : name);

/** @param {Proven} proven @param {Language} language @returns {string[]} */
function entryLines({ index, log, event, person, said }, language) {
  const words = WORDS[language];
  if (event === undefined) return [`#${index}  ${words.destroyed}`];
  const result = event.kind === 'access' ? (event.granted ? words.granted : words.refused) : undefined;
  const parts = [
    `#${index}`,
    timeOf(event.at),
    named(KINDS, KINDS_ZH, event.kind, language),
    result,
    named(REASONS, REASONS_ZH, event.reason, language),
    event.note,
    event.what,
    event.final,
    event.method,
    event.offline ? words.offline : undefined,
    event.doorId > 0 ? `${words.door} ${event.doorId}` : undefined,
    event.ref === undefined ? undefined : `${words.of} #${event.ref}`,
    person !== undefined && person.personId > 0 ? `${words.person} ${person.personId}` : undefined,
    person !== undefined && person.unitId > 0 ? `${words.home} ${person.unitId}` : undefined,
    person?.words,
    log > 1 ? `(log ${log})` : undefined,
  ];
  const known = provenFields({ index, log, event, person, said });
  const extra = Object.entries(said).filter(([name, value]) => name !== 'index' && value !== null && !Object.hasOwn(known, name));
  const line = harmless(parts.filter((part) => part !== undefined && part !== '').join('  '));
  return extra.length === 0
    ? [line]
    : [line, `     ${words.said}: ${harmless(extra.map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' · '))}`];
}

/** Everything a person is told about an evidence file. @param {EvidenceState} state @param {Outside} outside @param {Language} language @returns {string} */
export function evidenceReport(state, outside, language) {
  const words = WORDS[language];
  const { about, faults, entries, logs } = state;
  const lines = logs.map(({ line }) => line);
  const head = [
    words.evidence(harmless(about['by'] ?? '–'), timeOf(about['at']), harmless([about['purpose'], about['reason']].filter((each) => typeof each === 'string').join(', '))),
    ...lines.flatMap(({ no, origin, size, keyText }) => [words.log(no, origin, words.proofs(grouped(size))), words.key(harmless(keyText ?? '–'))]),
    ...verdictLines(faults, language),
  ];
  if (faults.list.length > 0) return [...head, ...listed(words.proven, []), words.none].join('\n');
  const proven = [words.entriesSigned(grouped(entries.size)), logs.length > 1 ? words.chain : undefined, ...agreements(lines, outside, language)];
  const last = lines[lines.length - 1];
  const pinned = outside.checkpoints?.some(({ checkpoint }) => checkpoint.origin === last?.origin) === true;
  const keyed = pinned || outside.keys?.includes(last?.keyText ?? '') === true;
  const hasHidden = [...entries.values()].some(({ event, person }) => event === undefined || person === undefined);
  const not = [
    state.words.size === 0 ? undefined : words.register(harmless([...state.words].join(', '))),
    words.numbers,
    words.selection,
    hasHidden ? words.hidden : undefined,
    words.about,
    pinned ? undefined : words.fork,
    keyed ? undefined : words.keyUnknown,
    words.unlogged,
  ];
  const shown = [...entries.values()].sort((a, b) => a.index - b.index).flatMap((entry) => entryLines(entry, language));
  return [...head, ...listed(words.proven, proven), ...listed(words.not, not), '', ...shown].join('\n');
}

// ---------------------------------------------------------------- command line

/** Characters a line may have: nothing in an export is near it. */
const LONGEST_LINE = 65536;

/** Reads an export piece by piece, in memory that does not grow with it. @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} pieces @param {Outside} outside @returns {Promise<ExportState>} */
export async function verifyExport(pieces, outside = {}) {
  const state = beginExport(outside);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  try {
    for await (const piece of pieces) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) readLine(state, line);
      if (rest.length > LONGEST_LINE) break;
    }
    rest += decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    fault(state.faults, 'utf8');
  }
  if (rest.length > LONGEST_LINE) fault(state.faults, 'long-line', { line: state.lines + 1 });
  else if (rest !== '') fault(state.faults, 'torn', { line: state.lines + 1 });
  endExport(state);
  return state;
}

/** Called in a wrong way; the message says how. */
class WrongUse extends Error {}

/** @param {string} file @param {Language} language @returns {string} */
function textOf(file, language) {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new WrongUse(WORDS[language].unreadable(file, error instanceof Error ? error.message : String(error)));
  }
}

/** @param {string} file @param {Language} language @returns {string} how the file begins */
function beginningOf(file, language) {
  try {
    if (!statSync(file).isFile()) throw new Error('not a file');
    const handle = openSync(file, 'r');
    const bytes = Buffer.alloc(4096);
    const length = readSync(handle, bytes, 0, bytes.length, 0);
    closeSync(handle);
    return bytes.toString('utf8', 0, length);
  } catch (error) {
    throw new WrongUse(WORDS[language].unreadable(file, error instanceof Error ? error.message : String(error)));
  }
}

/** @param {readonly string[]} args @param {Language} language @returns {{ file: string, outside: { checkpoints: { from: string, checkpoint: Checkpoint }[], keys: string[] } }} */
function readArguments(args, language) {
  const words = WORDS[language];
  const outside = { checkpoints: /** @type {{ from: string, checkpoint: Checkpoint }[]} */ ([]), keys: /** @type {string[]} */ ([]) };
  const files = [];
  for (let at = 0; at < args.length; at += 1) {
    const [name = '', value] = [args[at], args[at + 1]];
    if (!name.startsWith('--')) {
      files.push(name);
      continue;
    }
    at += 1;
    if (value === undefined || !['--checkpoint', '--key', '--lang'].includes(name)) throw new WrongUse(words.unknown(name));
    if (name === '--checkpoint') {
      const found = checkpointsIn(textOf(value, language));
      if (found.length === 0) throw new WrongUse(words.noCheckpoint(value));
      outside.checkpoints.push(...found.map((checkpoint) => ({ from: value, checkpoint })));
    } else if (name === '--key') {
      if (keyOf(value, value.split('+')[0] ?? '') === undefined) throw new WrongUse(words.notKey(value));
      outside.keys.push(value);
    }
  }
  const [file] = files;
  if (file === undefined || files.length > 1) throw new WrongUse(file === undefined ? '' : words.unknown(files.slice(1).join(' ')));
  return { file, outside };
}

/** @param {readonly string[]} args @returns {Language} */
function languageOf(args) {
  const given = args[args.indexOf('--lang') + 1];
  if (args.includes('--lang')) return given === 'zh' ? 'zh' : 'en';
  return (process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '').startsWith('zh') ? 'zh' : 'en';
}

/** @param {readonly string[]} args @returns {Promise<number>} */
async function main(args) {
  const language = languageOf(args);
  try {
    const { file, outside } = readArguments(args, language);
    if (/^\s*\{\s*"doorbook"\s*:\s*"evidence\//.test(beginningOf(file, language))) {
      const evidence = verifyEvidence(textOf(file, language), outside);
      console.log(evidenceReport(evidence, outside, language));
      return evidence.faults.list.length === 0 ? 0 : 1;
    }
    const start = process.hrtime.bigint();
    const state = await verifyExport(createReadStream(file, { highWaterMark: 1 << 18 }), outside);
    console.log(exportReport(state, { language, seconds: Number(process.hrtime.bigint() - start) / 1e9 }));
    return state.faults.list.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    console.error([error.message, WORDS[language].usage].filter((line) => line !== '').join('\n\n'));
    return 2;
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
