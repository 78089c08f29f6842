import type { Offer } from '../../../gateway/wire/mqtt/enrol.ts';

/** A device that asks to be enrolled, over the cable it has in this world. */
export interface Asker {
  ask(clientId: string, ask: Uint8Array): Promise<Uint8Array>;
}

let asking: Asker | undefined;

/** The device whose turn it is. */
export function useAsker(asker: Asker): void {
  asking = asker;
}

/** In place of a connection with TLS: one message to the gateway of the world, and its answer. */
export function askOnce(_offer: Offer, clientId: string, ask: Uint8Array): Promise<Uint8Array> {
  return asking === undefined ? Promise.reject(new Error('simulation: nobody asks')) : asking.ask(clientId, ask);
}
