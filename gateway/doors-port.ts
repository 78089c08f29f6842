import path from 'node:path';
import type { Alarms } from './alarms.ts';
import type { Config, DoorsPort } from './config.ts';
import { type DoorCertificate, givenCertificate, ownCertificate } from './doors/certificate.ts';
import type { MqttLink } from './doors/mqtt.ts';
import { patiently, said } from './patience.ts';
import { reachableAt } from './reachable.ts';
import { ownDoorKey } from './store/door-ca.ts';

/** Where a new controller finds the gateway: what its code is told with. `pin` '': plain, on this computer alone. */
export interface DoorsAt {
  readonly host: string;
  readonly port: number;
  readonly pin: string;
}

/** A certificate of ours is made anew each day, and the operator's is read again. */
const RENEW_MS = 86_400_000;

const LOOPBACK = '127.0.0.1';

const addressOf = ({ host, address }: DoorsPort): string => address ?? reachableAt(host);

/** The port for controllers on the network. */
export interface DoorsPortKeeper {
  /** Where they find it; undefined until it is open. */
  at(): DoorsAt | undefined;
  /** Opens it. A port that is taken is waited for: doors on it are to come back by themselves. Rejects with ConfigError or StoreError for what only a person can put right. */
  open(): Promise<void>;
  stop(): void;
}

/** Not open yet. Without such a port in the settings, new controllers are told the one on loopback. */
export function doorsPortOf({ data, doors }: Config, link: Pick<MqttLink, 'listen' | 'port'>, alarms: Alarms): DoorsPortKeeper {
  let at: DoorsAt | undefined;
  let renewing: NodeJS.Timeout | undefined;

  async function openSecure({ host, port, certificate }: DoorsPort, address: string): Promise<void> {
    const make = async (): Promise<DoorCertificate> =>
      certificate === undefined
        ? ownCertificate(ownDoorKey(path.join(data, 'keys')), [...new Set([address, host, 'localhost', LOOPBACK])], Date.now())
        : givenCertificate(certificate);
    let shown = await make();
    const onWait = (error: unknown, waitMs: number): void => void alarms.raise('mqtt-port', `MQTTS_PORT ${port} on ${host}: ${said(error)} Trying again in ${waitMs} ms.`);
    const opened = await patiently(() => link.listen({ host, port, context: () => shown.context }), { onWait });
    alarms.clear('mqtt-port');
    at = { host: address, port: opened, pin: shown.pin };
    renewing = setInterval(() => {
      make().then(
        (fresh) => {
          shown = fresh;
        },
        (error: unknown) => void alarms.raise('mqtt-port', `the certificate of MQTTS_PORT could not be renewed: ${said(error)}`),
      );
    }, RENEW_MS);
  }

  return {
    at: () => at,
    async open() {
      if (doors === undefined) at = { host: LOOPBACK, port: link.port, pin: '' };
      else await openSecure(doors, addressOf(doors));
    },
    stop: () => clearInterval(renewing),
  };
}
