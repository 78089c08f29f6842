import type { Target } from './target.ts';
import { espRfid } from './targets/esp-rfid.ts';
import { eventStore, fleetFile, runFile } from './targets/files.ts';
import { journalFile } from './targets/journal-file.ts';
import { keyFiles, slotFiles, slots } from './targets/keys.ts';
import { cbor, checkpoint, entries } from './targets/log.ts';
import { meter, mqtt } from './targets/mqtt.ts';
import { osdp } from './targets/osdp.ts';
import { evidence, logExport, manifest } from './targets/proofs.ts';
import { photo } from './targets/photo.ts';
import { csvCell, roster } from './targets/roster.ts';
import { device, enrolment, messages, sealed } from './targets/wire.ts';

/** Everything that can be fuzzed in one process without a socket. */
export const TARGETS: readonly Target[] = [
  ...[mqtt, meter, messages, sealed, device, enrolment, espRfid, osdp],
  ...[cbor, entries, checkpoint],
  ...[roster, csvCell, slots, slotFiles, keyFiles, runFile, fleetFile, eventStore, journalFile],
  ...[logExport, evidence, manifest, photo],
];
