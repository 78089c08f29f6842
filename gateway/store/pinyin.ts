/** Readings of each character of a Chinese name, without tones: the usual one first, then others people take it for. */
export type Reader = (name: string) => readonly (readonly [string, ...string[]])[];

/** Characters of given names that people read in two ways; the library alone would add rare readings of hundreds. */
const ALSO_READ: Readonly<Record<string, string>> = {
  乐: 'yue',
  行: 'hang',
  长: 'zhang',
  朝: 'zhao',
  娜: 'nuo',
  茜: 'xi',
  莎: 'suo',
  晟: 'sheng',
  柏: 'bo',
  传: 'zhuan',
  重: 'zhong',
  均: 'yun',
  祺: 'ji',
  沈: 'chen',
  盛: 'cheng',
  奇: 'ji',
  藏: 'zang',
  单: 'dan',
  曾: 'ceng',
};
/** Of the other readings of a surname at most so many: the rest is of old books. */
const OTHERS = 2;

let loaded: Promise<Reader> | undefined;

async function load(): Promise<Reader> {
  const { pinyin } = await import('pinyin-pro');
  const plain = { toneType: 'none', type: 'array', v: true } as const;
  return (name) => {
    const chars = [...name];
    const usual = pinyin(name, { ...plain, surname: 'head' });
    const known = usual.length === chars.length;
    return chars.map((char, at) => {
      const first = (known ? usual[at] : undefined) ?? char;
      const others = at === 0 && char.length === 1 ? pinyin(char, { ...plain, multiple: true }).slice(0, OTHERS + 1) : [ALSO_READ[char] ?? first];
      return [first, ...new Set(others.filter((other) => other !== first))];
    });
  };
}

/** The reader of Chinese names. Its dictionary takes 50 ms and 18 MB, so it is loaded when first asked for: on the desk side only. */
export function pinyinReader(): Promise<Reader> {
  loaded ??= load();
  return loaded;
}
