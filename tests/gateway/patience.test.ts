import { describe, expect, test } from 'vitest';
import { codeOf, isFull, mayPass, patiently } from '../../gateway/patience.ts';
import { StoreError } from '../../gateway/store/sqlite.ts';

const failing = (code: string): Error => Object.assign(new Error(code), { code });

describe('patience', () => {
  test('tries again with doubling pauses, up to ten seconds, until it works', async () => {
    const pauses: number[] = [];
    let tries = 0;
    const told: unknown[] = [];
    const result = await patiently(
      () => {
        tries += 1;
        if (tries <= 8) throw failing('SQLITE_BUSY');
        return tries;
      },
      { onWait: (error, wait) => void told.push([codeOf(error), wait]), pause: async (ms) => void pauses.push(ms) },
    );
    expect(result).toBe(9);
    expect(pauses).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(told).toHaveLength(8);
    expect(told[0]).toEqual(['SQLITE_BUSY', 200]);
  });

  test('what a person must put right ends it at once', async () => {
    const waits: unknown[] = [];
    const work = () => patiently(() => Promise.reject(new StoreError('used by a newer Doorbook')), { onWait: (error) => void waits.push(error) });
    await expect(work()).rejects.toThrow('newer Doorbook');
    expect(waits).toEqual([]);
  });

  test.each(['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_IOERR_FSYNC', 'SQLITE_FULL', 'SQLITE_CANTOPEN', 'ENOSPC', 'EIO', 'EADDRINUSE', 'EADDRNOTAVAIL', 'WRITER_ENDED'])(
    '%s may pass',
    (code) => expect(mayPass(failing(code))).toBe(true),
  );

  test.each(['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_ERROR', 'ENOENT', 'EACCES', 'ENOTFOUND', 'ERR_OSSL_X509_KEY_VALUES_MISMATCH', ''])('%s does not', (code) =>
    expect(mayPass(failing(code))).toBe(false),
  );

  test('the cause of a sentence counts as the sentence', () => {
    const sentence = new StoreError('The database is in use.', { cause: failing('SQLITE_BUSY') });
    expect([mayPass(sentence), isFull(sentence)]).toEqual([true, false]);
    expect(isFull(new StoreError('The disk is full.', { cause: failing('SQLITE_FULL') }))).toBe(true);
    expect([codeOf('text'), mayPass(undefined)]).toEqual(['', false]);
  });
});
