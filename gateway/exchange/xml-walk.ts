import { SaxesParser } from 'saxes';
import { createBreath } from './slice.ts';

/** An element as it begins: its name and attributes without namespace prefixes. */
export interface XmlTag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What is told of a document, in its order. */
export interface XmlTold {
  begin(tag: XmlTag): void;
  /** Its name, and the text directly inside it. */
  end(name: string, text: string): void;
}

const STEP_CHARS = 64 * 1024;
const MAX_DEPTH = 64;
const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * Walks through XML, giving the thread away between pieces. A document type is refused, so that nobody can define an
 * entity that grows, or one that names a file. Throws Error for what is not well-formed.
 */
export async function walkXml(text: string, told: XmlTold): Promise<void> {
  const parser = new SaxesParser();
  const texts: string[] = [];
  const breathe = createBreath();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('a document type');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (texts.push('') > MAX_DEPTH) throw new Error(`deeper than ${MAX_DEPTH}`);
    told.begin({ name: local(name), attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [local(key), value])) });
  });
  const said = (piece: string): void => void (texts.length > 0 && texts.push((texts.pop() ?? '') + piece));
  parser.on('text', said);
  parser.on('cdata', said);
  parser.on('closetag', ({ name }) => told.end(local(name), texts.pop() ?? ''));
  for (let at = 0; at < text.length; at += STEP_CHARS) {
    parser.write(text.slice(at, at + STEP_CHARS));
    await breathe();
  }
  parser.close();
}
