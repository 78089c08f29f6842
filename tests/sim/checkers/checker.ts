import type { Down } from '../../../firmware-sim/model.ts';
import type { DeviceWatch, SimController } from '../world/device.ts';
import type { EnrolWatch } from '../world/enrol-desk.ts';
import type { GatewayWatch } from '../world/gateway.ts';
import type { SerialWatch } from '../world/serial/wire.ts';
import type { World } from '../world/shape.ts';

/** A list that was made, and what of. */
export interface MadeOf {
  readonly controllerId: number;
  readonly version: string;
  readonly n: number;
  readonly wall: number;
}

/** Everything a checker may be told, in the order it happens. */
export interface Hooks extends DeviceWatch, GatewayWatch, EnrolWatch, SerialWatch {
  /** A message left the gateway for a device; its plain content. */
  sent(device: SimController, message: Down): void;
  listMade(made: MadeOf): void;
  /** Somebody was let in under a device's name, with this MQTT password. */
  loggedIn(id: string, password: string): void;
  /** An answer to a newcomer left the gateway. */
  given(clientId: string, answer: Buffer): void;
  /** A person was shown to somebody at a desk. */
  shown(personId: number): void;
  /** Every second of the world. */
  tick(): void;
  /** Everything is well again and has been for the time of healing. */
  ended(): void;
}

/** Looks at one promise. Each states the tightest thing that must hold. */
export type Checker = Partial<Hooks>;

/** What a checker is made of. */
export interface Scene {
  readonly world: World;
  /** The promise does not hold. */
  readonly fail: (message: string) => void;
}

/** A failure of a seed. */
export interface Failure {
  readonly checker: string;
  /** Ms of the world. */
  readonly at: number;
  readonly message: string;
}

/** Name of a device's message for ever: unique over restarts and lost flash. */
export const keyName = (key: { readonly controllerId: number; readonly instance: string; readonly boot: number; readonly seq: number }): string =>
  `${key.controllerId}/${key.instance}/${key.boot}/${key.seq}`;

/** One of each hook that tells all checkers that have it. They may be added until the first is told something. */
export function everyone(checkers: readonly Checker[]): Hooks {
  function tell<K extends keyof Hooks>(name: K): (...given: Parameters<Hooks[K]>) => void {
    type Hook = (...values: Parameters<Hooks[K]>) => void;
    let listeners: readonly Hook[] | undefined;
    return (...given) => {
      listeners ??= checkers.flatMap((checker) => (checker[name] as Hook | undefined) ?? []);
      for (const hook of listeners) hook(...given);
    };
  }
  return {
    input: tell('input'),
    output: tell('output'),
    heard: tell('heard'),
    stepped: tell('stepped'),
    power: tell('power'),
    became: tell('became'),
    replaced: tell('replaced'),
    asks: tell('asks'),
    unreadable: tell('unreadable'),
    codeMade: tell('codeMade'),
    codeUsed: tell('codeUsed'),
    traded: tell('traded'),
    changed: tell('changed'),
    loggedIn: tell('loggedIn'),
    given: tell('given'),
    asked: tell('asked'),
    answered: tell('answered'),
    appended: tell('appended'),
    checkpointed: tell('checkpointed'),
    alarmed: tell('alarmed'),
    threw: tell('threw'),
    polled: tell('polled'),
    started: tell('started'),
    begun: tell('begun'),
    presented: tell('presented'),
    handed: tell('handed'),
    forgot: tell('forgot'),
    told: tell('told'),
    drove: tell('drove'),
    rekeyed: tell('rekeyed'),
    sent: tell('sent'),
    listMade: tell('listMade'),
    shown: tell('shown'),
    tick: tell('tick'),
    ended: tell('ended'),
  };
}
