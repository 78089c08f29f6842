import { createHash } from 'node:crypto';
import { newcomerOf } from '../../../gateway/wire/mqtt/enrol.ts';
import { fleetNow } from '../ports/fleet.ts';
import { deviceKeys } from '../ports/wire-seal.ts';
import type { SimController } from '../world/device.ts';
import { secretHex } from '../world/secret.ts';
import type { Checker, Scene } from './checker.ts';

/** A code is good for so long, ms (design.md 6.1). */
const LIFE_MS = 15 * 60_000;
/** Whoever has no right to a connection any more is put out within two looks over all devices, ms. */
const OUT_MS = 3000;
const NONE = new Uint8Array();

/** A code as the register's commits tell of it. */
interface Code {
  readonly controllerId: number;
  /** Epoch ms. */
  readonly until: number;
  cancelled: boolean;
  /** SHA-256 of the key it was traded by; '': not yet. */
  key: string;
  secret: string;
}
/** The newest identity of a controller. */
interface Newest {
  readonly secret: string;
  readonly code: string;
  readonly retired: boolean;
}

const sha = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/**
 * 11. One device at a time is a controller: a code makes one identity for one key while it is good, and the same again for
 * that key alone; the log knows first, the gateway knows before the device does, and whoever was it before is out. No power
 * cut leaves a device that is neither enrolled nor can be.
 */
export function identityChecker({ world, fail }: Scene): Checker {
  const codes = new Map<string, Code>();
  const newest = new Map<number, Newest>();
  /** Each secret there ever was, by when it came to be; and the MQTT password of each. */
  const ranks = new Map<string, number>();
  const passwords = new Map<string, string>();
  const logged = new Map<string, number>();
  const asked = new Map<SimController, string>();
  const traded = new Map<string, { readonly controllerId: number; readonly secret: string }>();
  const lastLogin = new Map<string, string>();
  const wrongSince = new Map<string, number>();
  let used = '';
  let alarmedAt = -1;

  function learn(secret: string): void {
    if (ranks.has(secret)) fail(`the secret ${secret} was given twice`);
    ranks.set(secret, ranks.size);
    passwords.set(deviceKeys(Buffer.from(secret, 'hex')).password, secret);
  }
  for (const { id, secretSealed, retired } of world.register.now().all('controller')) {
    const secret = secretHex(secretSealed);
    learn(secret);
    newest.set(id, { secret, code: '', retired });
  }

  const known = (id: string) => world.gateway.run?.feed.registry.device(id);
  const knownSecret = (id: string): string => secretHex(known(id)?.secret ?? NONE);
  const note = (what: string, controllerId: number): string => `${what} ${controllerId}`;

  /** As the log must have it: one note more than before, each time somebody loses a secret. */
  function noted(what: string, controllerId: number): void {
    const left = logged.get(note(what, controllerId)) ?? 0;
    if (left === 0) fail(`controller ${controllerId}: ${what} is in the register and not in the log`);
    // One that was noted and then not done, for a thread died in between, stands for nothing later.
    logged.set(note(what, controllerId), 0);
  }

  /** What the gateway should say to an ask, by hand; '': an identity. */
  function expected(hash: string, key: string, wall: number): string {
    const code = codes.get(hash);
    if (code === undefined) return 'UNKNOWN';
    const now = newest.get(code.controllerId);
    if (code.key !== '') return code.key === key && now?.code === hash && !now.retired ? '' : 'USED';
    if (code.cancelled) return 'CANCELLED';
    return wall >= code.until ? 'EXPIRED' : '';
  }

  function stranger(id: string): string | undefined {
    const record = known(id);
    if (fleetNow()?.remembered(id)?.connection === undefined || record === undefined) return undefined;
    if (record.retired) return 'is out of service';
    return lastLogin.get(id) === knownSecret(id) ? undefined : 'has a secret that is not its controller’s any more';
  }

  return {
    codeMade({ hash, controllerId, wall }) {
      for (const code of codes.values()) if (code.controllerId === controllerId && code.key === '') code.cancelled = true;
      codes.set(hash, { controllerId, until: wall + LIFE_MS, cancelled: false, key: '', secret: '' });
    },
    codeUsed(hash, key) {
      const code = codes.get(hash);
      if (code === undefined || code.cancelled || code.key !== '') fail(`a code that was ${code === undefined ? 'never made' : code.cancelled ? 'cancelled' : 'used'} was traded`);
      if (code !== undefined) code.key = key;
      used = hash;
    },
    changed({ id, secretSealed, retired }) {
      const [secret, before] = [secretHex(secretSealed), newest.get(id)];
      if (secret !== before?.secret) {
        noted('controller-enrolled', id);
        learn(secret);
        const code = codes.get(used);
        if (code !== undefined) code.secret = secret;
        newest.set(id, { secret, code: used, retired });
        return;
      }
      if (!retired) fail(`controller ${id} came back without another secret`);
      else if (before?.retired === false) noted('controller-retired', id);
      for (const code of codes.values()) if (code.controllerId === id && code.key === '') code.cancelled = true;
      newest.set(id, { ...before, retired });
    },
    traded({ c, k }, result, wall) {
      const key = Buffer.from(k, 'hex');
      // A code that this very trade has used was still good when it was asked for.
      const why = result.ok && !result.again ? (wall < (codes.get(sha(c))?.until ?? 0) ? '' : 'EXPIRED') : expected(sha(c), sha(key), wall);
      const got = result.ok ? '' : result.why;
      if (why !== got) fail(`the code ${c} gave ${got || 'an identity'}, and should give ${why || 'an identity'}`);
      if (!result.ok) return;
      const code = codes.get(sha(c));
      if (result.identity.secret !== code?.secret) fail(`the code ${c} gave another secret than the one it was traded for`);
      traded.set(newcomerOf(key), { controllerId: result.controllerId, secret: result.identity.secret });
    },
    alarmed(what) {
      if (what.startsWith('code-refused code-')) alarmedAt = world.now();
    },
    given(clientId, answer) {
      const said: { readonly r?: string } = JSON.parse(answer.toString());
      if (said.r !== undefined) {
        if (said.r !== 'LATER' && alarmedAt !== world.now()) fail(`a code was refused as ${said.r}, and nobody was alarmed`);
        return;
      }
      const trade = traded.get(clientId);
      const device = world.devices.find(({ parts }) => parts.controllerId === trade?.controllerId);
      if (trade === undefined || device === undefined) return fail(`${clientId} was given an identity nobody traded`);
      if ((ranks.get(knownSecret(device.id)) ?? -1) < (ranks.get(trade.secret) ?? 0)) fail(`${device.id} was told its secret before the gateway would let it in`);
    },
    loggedIn(id, password) {
      const secret = passwords.get(password) ?? '';
      lastLogin.set(id, secret);
      // While it starts there is nothing to compare with.
      if (known(id) !== undefined && (secret !== knownSecret(id) || known(id)?.retired === true)) fail(`somebody was let in as ${id} who is it no more`);
    },
    appended({ event, person }) {
      const controllerId = Number(/\bcontroller=(\d+)/.exec(person.words)?.[1] ?? 0);
      if (event.kind === 'register' && event.what !== undefined && controllerId !== 0)
        logged.set(note(event.what, controllerId), (logged.get(note(event.what, controllerId)) ?? 0) + 1);
    },
    asks(device, clientId) {
      if ((asked.get(device) ?? clientId) !== clientId) fail(`${device.id} asks with another key than before, and a trade that was cut off is lost`);
      asked.set(device, clientId);
    },
    became: (device) => void asked.delete(device),
    replaced: (device) => void asked.delete(device),
    unreadable: (device, error) => fail(`${device.id} cannot read who it is: ${String(error)}`),
    started: () => wrongSince.clear(),
    tick() {
      for (const { id } of world.devices) {
        const wrong = stranger(id);
        if (wrong === undefined) wrongSince.delete(id);
        else {
          const since = wrongSince.get(id) ?? world.now();
          wrongSince.set(id, since);
          if (Math.min(world.now() - since, world.steady.gateway) > OUT_MS) fail(`whoever is connected as ${id} ${wrong}`);
        }
      }
    },
    ended() {
      for (const device of world.devices) if (!world.enrolled(device)) fail(`${device.id} is not enrolled at the end`);
    },
  };
}
