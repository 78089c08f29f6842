import type { Note } from '../../gateway/register/lock-down.ts';
import type { Revocation, Revoke } from '../../gateway/register/revocations.ts';
import { addDevice } from '../../gateway/register/line-devices.ts';
import { addLine } from '../../gateway/register/serial-lines.ts';
import { addBuilding, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

/** A port's name. */
export const portOf = (name: string): string => `/dev/serial/by-id/usb-${name}`;

/** A building, and what was written down of changes to its lines. */
export interface LineSite {
  readonly held: TestRegister;
  readonly building: TestBuilding;
  readonly noted: string[];
  readonly revoked: Revocation[];
  readonly note: Note;
  readonly revoke: Revoke;
  line(port?: string): Promise<number>;
  device(lineId: number, address: number): Promise<number>;
  close(): Promise<void>;
}

const noSamePort = (): boolean => false;

export async function lineSite(): Promise<LineSite> {
  const held = await temporaryRegister();
  const building = await addBuilding(held);
  const [noted, revoked]: [string[], Revocation[]] = [[], []];
  const note: Note = async (words) => void noted.push(words);
  return {
    ...{ held, building, noted, revoked, note },
    revoke: async (_db, revocations) => void revoked.push(...revocations),
    line: (port = 'a') => addLine(held.register, { name: '一号线', port: portOf(port), baud: 9600 }, { note, samePort: noSamePort, now: NOON }),
    device: (lineId, address) => addDevice(held.register, { lineId, address, name: `设备 ${address}` }, note),
    close: () => held.close(),
  };
}
