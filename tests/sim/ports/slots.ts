import { current } from '../engine/current.ts';
import { disk } from '../world/disk.ts';
import { newRecord, type SlotName } from '../../../gateway/journal/slot-file.ts';
import { addRecords, keySource } from '../../../gateway/journal/slot-image.ts';
import { openSlotWriter as openReally, type SlotWriter } from '../../../gateway/journal/slots.ts';

/** Key slots as records in the memory of the disk that runs now: on it when `ensure` returns. */
export function openSlotWriter(dir: string, root: Uint8Array): SlotWriter {
  if (current().dir !== undefined) return openReally(dir, root);
  const { slots: image } = disk();
  return Object.assign(keySource({ image, root, generation: 0 }), {
    ensure(names: Iterable<SlotName>): void {
      const made = new Map<string, Buffer>();
      for (const name of names) {
        const label = `${name.type}.${name.id}`;
        if (image.places.get(name.type)?.has(name.id) || made.has(label)) continue;
        made.set(label, newRecord(name, image.nextSerial + made.size, root));
      }
      if (made.size === 0) return;
      disk().touch();
      addRecords(image, Buffer.concat([...made.values()]), 0);
    },
    rewrap: () => Promise.reject(new Error('simulation: keys are not destroyed here')),
    close: () => undefined,
  });
}
