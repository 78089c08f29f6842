import type { MqttLink } from './mqtt.ts';
import type { LineLink } from './serial/link.ts';

/** One link out of two: controllers on the network, and the serial lines of this computer for the doors that hang on one. */
export const withLines = (network: MqttLink, lines: LineLink): MqttLink => ({
  ...network,
  get port() {
    return network.port;
  },
  async command(doorId, command) {
    return (lines.has(doorId) ? lines : network).command(doorId, command);
  },
  refreshLists(controllerIds) {
    network.refreshLists(controllerIds);
    lines.refresh();
  },
  states: () => [...network.states(), ...lines.states()],
  async close() {
    await Promise.all([network.close(), lines.close()]);
  },
});
