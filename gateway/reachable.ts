import { networkInterfaces } from 'node:os';

const LOOPBACK = '127.0.0.1';

/** The address others reach this computer by, when it listens on `host`: that one, or the first on a network when it listens on all. */
export function reachableAt(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? LOOPBACK;
}
