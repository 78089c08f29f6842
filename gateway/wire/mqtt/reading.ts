import { type ReadBy, record, text, whole } from '../fields.ts';

/** Data bits of a credential as the reader gave them: width, and value as hex, most significant first. */
export const reading = record({ w: whole(0, 255), x: text(/^[0-9A-Fa-f]{0,64}$/, 'up to 64 hex digits') });
/** A credential as a reader gave it: `w` data bits and `x`, the value in hex. */
export type Reading = ReadBy<typeof reading>;
