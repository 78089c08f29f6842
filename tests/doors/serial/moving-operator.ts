import type { LineDevice, LineRecord } from '../../../gateway/doors/serial/registry.ts';
import type { CommissionAct, DeviceNews } from '../../../gateway/doors/serial/status.ts';
import type { LineWorld } from './line-world.ts';

const ADDRESSES = 100;
const MOVE_MS = 20_000;

/** What an operator needs of the link. */
interface Told {
  refresh(): void;
  commission(deviceRow: number, act: CommissionAct): void;
}

/** A register in memory, and an operator who gives its devices other addresses, as the desk side does. */
export interface MovingOperator {
  record(): LineRecord;
  /** Gives some device another address. */
  move(link: Told): void;
  heard(link: Told, row: number, news: DeviceNews): void;
}

export function movingOperator(world: LineWorld, first: LineRecord): MovingOperator {
  let record = first;
  const asked = new Set<number>();
  const deviceOf = (row: number): LineDevice | undefined => record.devices.find(({ id }) => id === row);
  const set = (link: Told, row: number, { address, nextAddress }: Pick<LineDevice, 'address' | 'nextAddress'>): void => {
    const before = deviceOf(row);
    // Doors are wired to rows: whoever has another address has it in them, too.
    const now = <T extends { readonly address: number }>(part: T): T => (part.address === before?.address ? { ...part, address } : part);
    const doors = record.doors.map((door) => ({
      ...door,
      reader: now(door.reader),
      relay: now(door.relay),
      contact: door.contact === undefined ? undefined : now(door.contact),
      exit: door.exit === undefined ? undefined : now(door.exit),
    }));
    record = { ...record, doors, devices: record.devices.map((device) => (device.id === row ? { ...device, address, nextAddress } : device)) };
    link.refresh();
  };
  return {
    record: () => record,
    move(link) {
      const device = record.devices[world.below(record.devices.length)];
      const to = world.below(ADDRESSES);
      if (device === undefined || device.nextAddress != null || record.devices.some(({ address, nextAddress }) => address === to || nextAddress === to)) return;
      asked.add(device.id);
      set(link, device.id, { address: device.address, nextAddress: to });
      world.later(world.below(50), () => link.commission(device.id, { act: 'move', to, until: world.wall() + MOVE_MS }));
    },
    heard(link, row, news) {
      if (news.what !== 'address') return;
      const { of } = news;
      world.later(1 + world.below(200), () => {
        const device = deviceOf(row);
        if (of.result !== 'found') asked.delete(row);
        if (device?.nextAddress == null || asked.has(row) || of.result === 'sent' || of.result === 'elsewhere') return;
        const at = of.result === 'found' ? of.at : device.address;
        if (at === device.address || at === device.nextAddress) set(link, row, { address: at, nextAddress: null });
      });
    },
  };
}
