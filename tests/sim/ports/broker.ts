import type { Broker, BrokerOptions } from '../../../gateway/doors/broker.ts';
import { hostOf } from '../engine/current.ts';
import type { Net } from '../world/net.ts';

let network: Net | undefined;

/** The network brokers of this world are reached over. */
export function useNet(net: Net): void {
  network = net;
}

/** In place of aedes and its sockets: the simulated network calls what the broker would. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  network?.attach(options, hostOf());
  return { port: 1, listen: async () => 1, halfOpen: () => 0, close: async () => network?.detach() };
}
