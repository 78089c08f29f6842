// A witness for the log of a Doorbook gateway, to run on another computer than the gateway, best in other hands.
//
//   node docs/witness.mjs --dir DIR [--port 8090] [--host 127.0.0.1] [--name NAME]
//
// It keeps the newest checkpoint of each log it is shown, takes a newer one only with a proof that it continues the last,
// and signs for it. A gateway whose log was cut or rewritten is refused, and DIR still holds what it once signed.
// Speaks C2SP tlog-witness (add-checkpoint) and signs cosignature/v1. The first key a log comes with is pinned.
// On the gateway: CHECKPOINT_URL=http://HOST:PORT
//
// One file, no dependency, Node 18 or later.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const LONGEST = 65_536;
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const nodeOf = (left, right) => sha256(Buffer.of(1), left, right);
const keyId = (name, type, key) => sha256(Buffer.from(`${name}\n`), Buffer.of(type), key).subarray(0, 4);
const publicKey = (raw) => createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' });

/** RFC 9162 2.1.4.2: is the tree of `from` leaves the beginning of that of `to`? */
export function isConsistent({ from, to, fromRoot, toRoot, proof }) {
  if (from === to) return proof.length === 0 && fromRoot.equals(toRoot);
  if (from < 1 || from > to || proof.length === 0) return false;
  const half = (value) => Math.floor(value / 2);
  let [node, last] = [from - 1, to - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  const [first, ...rest] = node === 0 ? [fromRoot, ...proof] : proof;
  let [older, newer] = [first, first];
  for (const step of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      older = nodeOf(step, older);
      newer = nodeOf(step, newer);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else newer = nodeOf(newer, step);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && older.equals(fromRoot) && newer.equals(toRoot);
}

/** The parts of a signed note, or undefined when it is none of a Doorbook log. */
export function parseNote(note) {
  const match = /^((doorbook\/log\/[0-9a-f]{32})\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n(?:cites [^\n]{1,200}\n)?)\n((?:— \S+ [A-Za-z0-9+/]+={0,2}\n)+)$/.exec(note);
  if (match === null) return undefined;
  const [, text, origin, size, root, lines] = match;
  const signatures = lines
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(2).split(' '))
    .map(([name, blob]) => ({ name, blob: Buffer.from(blob, 'base64') }));
  return { text, origin, size: Number(size), root: Buffer.from(root, 'base64'), signatures, note };
}

/** Is the note signed by the log's own key (32 raw bytes)? */
const isSigned = ({ text, origin, signatures }, key) =>
  signatures.some(
    ({ name, blob }) =>
      name === origin && blob.length === 68 && blob.subarray(0, 4).equals(keyId(origin, 1, key)) && verify(null, Buffer.from(text), publicKey(key), blob.subarray(4)),
  );

function replace(file, text) {
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
}

/** The witness's own key, made at the first start. */
function ownKey(dir) {
  const file = path.join(dir, 'witness.key.pem');
  if (!existsSync(file)) writeFileSync(file, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  const secret = createPrivateKey(readFileSync(file));
  return { secret, raw: createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(SPKI.length) };
}

/** A witness over a folder: an `add-checkpoint` body and, of a log not seen before, its key → status, type and text of the answer. */
export function openWitness(dir, name) {
  mkdirSync(dir, { recursive: true });
  const { secret, raw } = ownKey(dir);
  const fileOf = (origin, ending) => path.join(dir, `${origin.slice(-32)}.${ending}`);

  function cosign({ text }) {
    const time = Math.floor(Date.now() / 1000);
    const stamp = Buffer.alloc(8);
    stamp.writeBigUInt64BE(BigInt(time));
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), secret);
    return `— ${name} ${Buffer.concat([keyId(name, 4, raw), stamp, signature]).toString('base64')}\n`;
  }

  function keyFor(checkpoint, offered) {
    const file = fileOf(checkpoint.origin, 'key');
    const pinned = existsSync(file) ? readFileSync(file, 'utf8').trim() : offered;
    const key = Buffer.from(pinned ?? '', 'base64');
    if (key.length !== 32 || !isSigned(checkpoint, key)) return undefined;
    if (!existsSync(file)) writeFileSync(file, `${pinned}\n`);
    return key;
  }

  function add(body, offered) {
    const match = /^old (0|[1-9]\d{0,14})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n([\s\S]+)$/.exec(body);
    const checkpoint = match === null ? undefined : parseNote(match[3]);
    if (checkpoint === undefined) return { status: 400, text: 'expected "old N", proof lines, an empty line and a checkpoint\n' };
    if (keyFor(checkpoint, offered) === undefined) return { status: 403, text: 'no signature by the key this log is known by\n' };
    const old = Number(match[1]);
    if (old > checkpoint.size) return { status: 400, text: 'old size is greater than the checkpoint\n' };
    const file = fileOf(checkpoint.origin, 'checkpoint');
    const held = existsSync(file) ? parseNote(readFileSync(file, 'utf8')) : undefined;
    const heldSize = held?.size ?? 0;
    const conflict = { status: 409, type: 'text/x.tlog.size', text: `${heldSize}\n` };
    if (old !== heldSize) return conflict;
    if (held !== undefined && held.size === checkpoint.size && !held.root.equals(checkpoint.root)) return conflict;
    const proof = match[2]
      .split('\n')
      .filter(Boolean)
      .map((line) => Buffer.from(line, 'base64'));
    if (held !== undefined && !isConsistent({ from: held.size, to: checkpoint.size, fromRoot: held.root, toRoot: checkpoint.root, proof }))
      return { status: 422, text: 'the proof does not lead from what is held to this\n' };
    replace(file, checkpoint.note);
    return { status: 200, text: cosign(checkpoint) };
  }

  return { add, key: `${name}+${keyId(name, 4, raw).toString('hex')}+${Buffer.concat([Buffer.of(4), raw]).toString('base64')}` };
}

/** An HTTP server around a witness. */
export const serve = (witness) =>
  createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/add-checkpoint') return response.writeHead(404).end('POST /add-checkpoint\n');
    const parts = [];
    let length = 0;
    request.on('data', (part) => {
      length += part.length;
      if (length > LONGEST) request.destroy();
      else parts.push(part);
    });
    request.on('end', () => {
      const { status, type = 'text/plain; charset=utf-8', text } = witness.add(Buffer.concat(parts).toString('utf8'), request.headers['doorbook-log-key']);
      response.writeHead(status, { 'content-type': type }).end(text);
    });
  });

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      port: { type: 'string', default: '8090' },
      host: { type: 'string', default: '127.0.0.1' },
      name: { type: 'string', default: 'doorbook-witness' },
    },
  });
  if (values.dir === undefined) {
    console.error('node docs/witness.mjs --dir DIR [--port 8090] [--host 127.0.0.1] [--name NAME]');
    process.exit(2);
  }
  const witness = openWitness(values.dir, values.name);
  const server = serve(witness);
  server.listen(Number(values.port), values.host, () => {
    console.log(`Witness on http://${values.host}:${server.address().port}, keeping checkpoints in ${values.dir}\nIts key: ${witness.key}`);
  });
}
