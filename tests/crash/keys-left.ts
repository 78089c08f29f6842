import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isAuditKey } from '../../gateway/journal/seal.ts';
import { nameAt, openRecord, SLOT, SLOT_BYTES, SLOT_HEADER } from '../../gateway/journal/slot-file.ts';

/**
 * Keys of days before `gone` that somebody who finds this folder could still unwrap, whatever a file in it is called: any
 * 32 bytes written in hex in any of them may be a root.
 */
export function keysLeft(keysDir: string, gone: number): string[] {
  const files = readdirSync(keysDir).map((name) => ({ name, bytes: readFileSync(path.join(keysDir, name)) }));
  const roots = [...new Set(files.flatMap(({ bytes }) => bytes.toString('latin1').match(/[0-9a-f]{64}/g) ?? []))].map((hex) => Buffer.from(hex, 'hex'));
  return files
    .filter(({ bytes }) => bytes.subarray(0, SLOT_HEADER.length).equals(SLOT_HEADER))
    .flatMap(({ name, bytes }) => {
      const left: string[] = [];
      for (let at = SLOT_HEADER.length; at + SLOT_BYTES <= bytes.length; at += SLOT_BYTES) {
        const slot = nameAt(bytes, at);
        if (slot?.type !== SLOT.day || isAuditKey(slot.id) || slot.id >= gone) continue;
        if (roots.some((root) => openRecord(bytes.subarray(at, at + SLOT_BYTES), root) !== undefined)) left.push(`${name} still opens the key of day ${slot.id}`);
      }
      return left;
    });
}
