import type { BoardLink } from './esp-rfid/link.ts';
import type { MqttLink } from './mqtt.ts';

/** Counts of both kinds under the same words. */
function together(a: Readonly<Record<string, number>>, b: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const sum = { ...a };
  for (const [why, n] of b) sum[why] = (sum[why] ?? 0) + n;
  return sum;
}

/** One link out of two: native controllers, and esp-rfid boards for the doors that have one. */
export function withBoards(native: MqttLink, boards: BoardLink): MqttLink {
  return {
    port: native.port,
    listen: native.listen,
    halfOpen: native.halfOpen,
    async command(doorId, command) {
      const isBoards = boards.states().some((state) => state.doorId === doorId);
      return (isBoards ? boards : native).command(doorId, command);
    },
    states: () => [...native.states(), ...boards.states()],
    refreshLists(controllerIds) {
      const ids = [...controllerIds];
      native.refreshLists(ids);
      boards.refreshLists(ids);
    },
    numbers() {
      const [own, weak] = [native.numbers(), boards.numbers()];
      const { online, offline, wrongList } = weak;
      return { ...own, online: own.online + online, offline: own.offline + offline, wrongList: own.wrongList + wrongList, refused: together(own.refused, weak.refused) };
    },
    async close() {
      await Promise.all([native.close(), boards.close()]);
    },
  };
}
