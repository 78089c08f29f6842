import { plain, type Target } from '../target.ts';

/** A lock with three letters, each behind the last: chance alone does not open it. */
function turn(input: Buffer): string {
  if (input[0] === 0x46) {
    if (input[1] === 0x55) {
      if (input[2] === 0x5a) throw new Error('the lock is open');
      return 'two';
    }
    return 'one';
  }
  return 'none';
}

/** Shows that following new blocks finds what chance does not. */
export const toy: Target = { name: 'toy', covers: ['tests/fuzz/targets/toy.ts'], words: [], make: () => Buffer.from('aaa'), open: plain((input) => void turn(input)) };
