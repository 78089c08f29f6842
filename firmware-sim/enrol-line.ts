import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { ENROL_USER, enrolTopic, type Offer } from '../gateway/wire/mqtt/enrol.ts';
import { openPinned } from './pinned.ts';

const PATIENCE_MS = 10_000;
const KEEPALIVE_S = 10;

/** The MQTT client of one try, on a connection that is known to lead to the gateway. */
async function clientFor({ host, port, pin }: Offer, options: IClientOptions): Promise<MqttClient> {
  if (pin === '') return mqtt.connect({ ...options, protocol: 'mqtt', host, port });
  const socket = await openPinned({ host, port, pin });
  return new mqtt.MqttClient(() => socket, options);
}

/** The answer to the ask, or a rejection when none comes. */
function answerTo(client: MqttClient, clientId: string, ask: Uint8Array): Promise<Uint8Array> {
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
        client.publish(enrolTopic(clientId, 'ask'), Buffer.from(ask), { qos: 1 });
      });
    });
    client.on('message', (_topic, payload) => {
      clearTimeout(late);
      resolve(payload);
    });
  });
}

/** Asks the gateway of an offer once, as a newcomer, on a connection of its own; the answer's bytes. Rejects with a sentence for whoever stands before the door. */
export async function askOnce(offer: Offer, clientId: string, ask: Uint8Array): Promise<Uint8Array> {
  const client = await clientFor(offer, { protocolVersion: 4, clientId, username: ENROL_USER, password: '', clean: true, keepalive: KEEPALIVE_S, reconnectPeriod: 0 });
  try {
    return await answerTo(client, clientId, ask);
  } finally {
    client.end(true);
  }
}
