import { current } from '../engine/current.ts';

/** As Node's, from the stream of the seed. */
export function randomBytes(bytes: number): Buffer {
  const made = Buffer.alloc(bytes);
  current().bytes.fill(made);
  return made;
}

/** As Node's, from the stream of the seed. */
export function randomFillSync<T extends Uint8Array>(into: T): T {
  current().bytes.fill(into);
  return into;
}
