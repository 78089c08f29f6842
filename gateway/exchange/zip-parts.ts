import { type Entry, fromBuffer, type ZipFile } from 'yauzl';

/** A part of a workbook is no larger than this unpacked, bytes; and there are no more parts. A file of 8 MB could unpack to 8 GB. */
const MAX_PART_BYTES = 48 * 1024 * 1024;
const MAX_PARTS = 1000;

/** The parts of a ZIP file by their names. */
export interface ZipParts {
  /** Text of a part in UTF-8; undefined: there is none of this name. Throws Error for one that is damaged, encrypted or too large. */
  text(name: string): Promise<string | undefined>;
}

const opened = (bytes: Uint8Array): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { lazyEntries: true }, (error, zip) => (error === null ? resolve(zip) : reject(error)));
  });

const listed = (zip: ZipFile): Promise<ReadonlyMap<string, Entry>> =>
  new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    zip.on('entry', (entry: Entry) => {
      entries.set(entry.fileName, entry);
      if (entries.size > MAX_PARTS) reject(new Error(`more than ${MAX_PARTS} parts`));
      else zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', reject);
    zip.readEntry();
  });

const textOf = (zip: ZipFile, entry: Entry): Promise<string> =>
  new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error !== null) return reject(error);
      const decoder = new TextDecoder('utf-8', { fatal: true });
      let text = '';
      // What unpacks to another size than it says is an error of the stream, so this bound holds.
      stream.on('data', (piece: Buffer) => {
        try {
          text += decoder.decode(piece, { stream: true });
        } catch (bad) {
          stream.destroy(bad instanceof Error ? bad : new Error('not UTF-8'));
        }
      });
      stream.on('error', reject);
      stream.on('end', () => resolve(text));
    });
  });

/** Opens a ZIP file held in memory: nothing of it is written anywhere. Throws Error when it is none. */
export async function openZip(bytes: Uint8Array): Promise<ZipParts> {
  const zip = await opened(bytes);
  const entries = await listed(zip);
  return {
    async text(name) {
      const entry = entries.get(name);
      if (entry === undefined) return undefined;
      if (entry.isEncrypted()) throw new Error(`${name} is encrypted`);
      if (entry.uncompressedSize > MAX_PART_BYTES) throw new Error(`${name} has more than ${MAX_PART_BYTES} bytes`);
      return textOf(zip, entry);
    },
  };
}
