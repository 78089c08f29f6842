import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** Ports soldered to the board: names that stay by themselves. */
const BUILT_IN = /^tty(S|AMA|AP|mxc|O)\d+$/;
/** A port of the table without a chip behind it. */
const NO_CHIP = '0';

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The device a name leads to; the name itself while nothing is plugged in there. */
function deviceOf(port: string): string {
  try {
    return realpathSync(port);
  } catch {
    return port;
  }
}

/** Do two names lead to one port? */
export const samePort = (one: string, other: string): boolean => one === other || deviceOf(one) === deviceOf(other);

function hasChip(root: string, name: string): boolean {
  try {
    return readFileSync(path.join(root, 'sys/class/tty', name, 'type'), 'utf8').trim() !== NO_CHIP;
  } catch {
    return false;
  }
}

/**
 * Serial ports of this computer by names that outlast a restart, each port once: by what is plugged in, else by where,
 * else built-in ones. Empty where there is none. `root`: where the file system begins, for tests.
 */
export function serialPorts(root = '/'): string[] {
  const stable = ['by-id', 'by-path'].flatMap((kind) => namesIn(path.join(root, 'dev/serial', kind)).map((name) => path.join(root, 'dev/serial', kind, name)));
  const builtIn = namesIn(path.join(root, 'dev')).flatMap((name) => (BUILT_IN.test(name) && hasChip(root, name) ? [path.join(root, 'dev', name)] : []));
  const known = new Set<string>();
  return [...stable, ...builtIn].filter((port) => {
    const device = deviceOf(port);
    if (known.has(device)) return false;
    known.add(device);
    return true;
  });
}
