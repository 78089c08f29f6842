import { existsSync } from 'node:fs';
import { run } from './proc.mjs';
import { step } from './steps.mjs';

/** What tests need of the system, and a file that shows it is there. Tests that need one that is not for the browser say so themselves. */
const NEEDED = [
  { name: 'strace', browser: false, shows: ['/usr/bin/strace'] },
  { name: 'socat', browser: false, shows: ['/usr/bin/socat'] },
  { name: 'chromium', browser: true, shows: ['/usr/bin/chromium', process.env.CHROMIUM ?? ''] },
  { name: 'fonts-noto-cjk', browser: true, shows: ['/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc', '/usr/share/fonts/truetype/noto'] },
];

const missing = () => NEEDED.filter((item) => !item.shows.some((file) => file !== '' && existsSync(file)));

async function aptGet(args) {
  return run('apt-get', ['-o', 'DPkg::Lock::Timeout=500', '-y', '-q', ...args], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
}

/**
 * Makes sure that a browser with Chinese fonts is there, strace for the crash tests and socat for those of serial lines, installing them where we may.
 * @param {(line: string) => void} say
 * @returns {Promise<string | undefined>} why the browser tests cannot run, if so
 */
export async function systemPackages(say) {
  const wanted = missing().map(({ name }) => name);
  if (wanted.length === 0) return undefined;
  const list = wanted.join(' ');
  const isRoot = process.getuid?.() === 0;
  if (isRoot && existsSync('/usr/bin/apt-get')) {
    await step({ doing: `installing ${list}`, done: `installed ${list}` }, say, async () => {
      await aptGet(['update']);
      await aptGet(['install', '--no-install-recommends', ...wanted]);
    });
  }
  const still = missing()
    .filter(({ browser }) => browser)
    .map(({ name }) => name);
  if (still.length === 0) return undefined;
  return `${still.join(' and ')} ${still.length > 1 ? 'are' : 'is'} not installed; as root: apt-get install ${still.join(' ')}`;
}
