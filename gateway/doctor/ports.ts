import { connect, createServer } from 'node:net';
import { type Finding, trouble, well } from './finding.ts';

/** A port the gateway listens on. `free`: nobody has it. `answers`: somebody accepts connections. `refused`: this user may not have it, or the address is not here. */
export interface PortFacts {
  readonly setting: 'PORT' | 'MQTT_PORT' | 'MQTTS_PORT' | 'ESP_RFID_PORT';
  readonly port: number;
  readonly state: 'free' | 'answers' | 'refused';
  /** Does our gateway run? */
  readonly running: boolean;
}

const PATIENCE_MS = 1000;

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE_MS });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false));
  });
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Tries the port for a moment. Where it is taken is seen by connecting to it. */
export async function portState(host: string, port: number): Promise<PortFacts['state']> {
  const reach = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  if (await answers(reach, port)) return 'answers';
  return (await listens(host, port)) ? 'free' : 'refused';
}

/** A port of a running gateway answers; one of a stopped gateway is free. */
export function judgePort({ setting, port, state, running }: PortFacts): Finding {
  if (port === 0) return well(`${setting}：每次启动任选一个端口`, `${setting}: any free port at each start`);
  const name = `${setting} ${port}`;
  const choose = { zh: `停掉占用的程序，或把 ${setting} 改成别的端口`, en: `Stop that program, or set ${setting} to another port` };
  if (running && state === 'answers') return well(`${name} 在用，是网关自己`, `${name} is in use, by the gateway`);
  if (!running && state === 'free') return well(`${name} 空着`, `${name} is free`);
  if (running)
    return trouble(
      'fail',
      { zh: `网关在运行，${name} 却没有人应答`, en: `The gateway runs, and nobody answers at ${name}` },
      { zh: `看网关的日志；这条命令和网关的 ${setting} 要一样`, en: `Look at the gateway’s log; this command needs the same ${setting} as the gateway` },
    );
  if (state === 'answers') return trouble('fail', { zh: `${name} 被别的程序占用`, en: `${name} is taken by another program` }, choose);
  return trouble('fail', { zh: `${name} 打不开：没有权限，或 HOST 不是本机的地址`, en: `${name} cannot be opened: not allowed, or HOST is no address of this computer` }, choose);
}
