import { NO_LINK } from './doors/link-numbers.ts';
import type { MqttLink } from './doors/mqtt.ts';

/** A link whose port may still be another program's: until it opens every door is offline. */
export interface LateLink extends MqttLink {
  set(link: MqttLink): void;
}

/** Nothing open yet; port 0. */
export function createLateLink(): LateLink {
  let link: MqttLink | undefined;
  return {
    get port() {
      return link?.port ?? 0;
    },
    set(opened) {
      link = opened;
    },
    listen: (secure) => link?.listen(secure) ?? Promise.reject(new Error('the link is not open yet')),
    halfOpen: () => link?.halfOpen() ?? 0,
    numbers: () => link?.numbers() ?? NO_LINK,
    refreshLists: (controllerIds) => link?.refreshLists(controllerIds),
    command: async (doorId, command) => (await link?.command(doorId, command)) ?? 'offline',
    states: () => link?.states() ?? [],
    close: async () => link?.close(),
  };
}
