import { statSync } from 'node:fs';
import path from 'node:path';

/** The databases of a data directory. */
export const DATABASES = ['register', 'journal'] as const;
/** One of `DATABASES`. */
export type DatabaseName = (typeof DATABASES)[number];

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Bytes of a database and of its write-ahead log; 0 for what is not there. */
export const databaseSize = (data: string, name: DatabaseName): { readonly file: number; readonly wal: number } => {
  const file = path.join(data, `${name}.sqlite`);
  return { file: sizeOf(file), wal: sizeOf(`${file}-wal`) };
};
