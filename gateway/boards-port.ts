import type { Alarms } from './alarms.ts';
import type { Config } from './config.ts';
import { type BoardLink, type BoardLinkOptions, openBoardLink } from './doors/esp-rfid/link.ts';
import { patiently, said } from './patience.ts';

/** What the operator is told at each start while this port is open. */
const warning = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `! ESP_RFID_PORT ${port} on ${host}: esp-rfid boards connect here unencrypted, and card numbers travel in the clear. Keep this network to the boards and this computer alone.`;

/** The link to esp-rfid boards, and its port when the settings name one. A port that is taken is waited for. */
export async function openBoards({ boards: at }: Config, alarms: Alarms, options: Omit<BoardLinkOptions, 'at'> & { readonly say: (line: string) => void }): Promise<BoardLink> {
  if (at === undefined) return openBoardLink({ ...options, at });
  const onWait = (error: unknown, waitMs: number): void => void alarms.raise('mqtt-port', `ESP_RFID_PORT ${at.port} on ${at.host}: ${said(error)} Trying again in ${waitMs} ms.`);
  const link = await patiently(() => openBoardLink({ ...options, at }), { onWait });
  alarms.clear('mqtt-port');
  options.say(warning({ ...at, port: link.port }));
  return link;
}
