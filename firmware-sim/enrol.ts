import { createECDH } from 'node:crypto';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { type Ask, ENROL_USER, type EnrolRefusal, enrolTopic, type Identity, newcomerOf, type Offer, take } from '../gateway/wire/mqtt/enrol.ts';
import { openPinned } from './pinned.ts';

const PATIENCE_MS = 10_000;
const KEEPALIVE_S = 10;

/** What somebody before the door is told when a code is not taken. */
const WORDS: Readonly<Record<EnrolRefusal, string>> = {
  UNKNOWN: '网关不认识这个装机码。请核对，或请管理员再发一个。 The gateway does not know this code. Check it, or ask for another.',
  USED: '这个装机码已经被别的控制器用了。请再发一个。 Another controller has used this code. Ask for another.',
  EXPIRED: '装机码过期了，只有 15 分钟。请再发一个。 This code has run out after 15 minutes. Ask for another.',
  CANCELLED: '这个装机码作废了，用最新的那个。 This code was cancelled; use the newest one.',
  DOORS: '登记的门比这个控制器能管的多。 More doors are registered than this controller can work.',
  LATER: '网关现在存不了，请过一分钟再试。 The gateway cannot store it now. Try again in a minute.',
};

/** The device: what it says it is, and its 32-byte private key, the same in every try. */
export interface Newcomer {
  readonly privateKey: Uint8Array;
  readonly model: string;
  readonly fw: string;
  readonly doors: number;
}

/** The MQTT client of one try, on a connection that is known to lead to the gateway. */
async function clientFor({ host, port, pin }: Offer, options: IClientOptions): Promise<MqttClient> {
  if (pin === '') return mqtt.connect({ ...options, protocol: 'mqtt', host, port });
  const socket = await openPinned({ host, port, pin });
  return new mqtt.MqttClient(() => socket, options);
}

/** The answer to the ask, or a rejection when none comes. */
function answerTo(client: MqttClient, clientId: string, ask: Ask): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('网关没有回答。 The gateway did not answer.')), PATIENCE_MS);
    const fail = (error?: Error): void => {
      clearTimeout(late);
      reject(error ?? new Error('连接断了。 The connection was closed.'));
    };
    client.on('error', fail);
    client.on('close', () => fail());
    client.on('connect', () => {
      client.subscribe(enrolTopic(clientId, 'given'), { qos: 1 }, (error) => {
        if (error) return fail(error);
        client.publish(enrolTopic(clientId, 'ask'), JSON.stringify(ask), { qos: 1 });
      });
    });
    client.on('message', (_topic, payload) => {
      clearTimeout(late);
      resolve(payload);
    });
  });
}

/** Trades the code of an offer for an identity. Rejects with a sentence for whoever stands before the door. May be tried again with the same key. */
export async function enrol(offer: Offer, { privateKey, model, fw, doors }: Newcomer): Promise<Identity> {
  const keys = createECDH('prime256v1');
  keys.setPrivateKey(privateKey);
  const clientId = newcomerOf(keys.getPublicKey());
  const client = await clientFor(offer, { protocolVersion: 4, clientId, username: ENROL_USER, password: '', clean: true, keepalive: KEEPALIVE_S, reconnectPeriod: 0 });
  try {
    const answer = await answerTo(client, clientId, { v: 1, k: keys.getPublicKey('hex'), c: offer.code, model, fw, doors });
    const identity = take(answer, { privateKey, code: offer.code });
    if (typeof identity === 'string') throw new Error(WORDS[identity]);
    return identity;
  } finally {
    client.end(true);
  }
}
