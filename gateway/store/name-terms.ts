import { foldName, isHan, nameParts } from '../core/search-text.ts';
import type { Reader } from './pinyin.ts';

/** Surnames of two characters; every other Chinese name has its surname in the first. */
const COMPOUND = new Set(
  '欧阳 上官 司马 诸葛 司徒 司空 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 东方 独孤 南宫 夏侯 端木 百里 呼延 轩辕 东郭 西门 闻人 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 赫连 拓跋 万俟 即墨 第五 欧陽 司馬 諸葛'.split(
    ' ',
  ),
);
/** More terms than this a person does not get; long names with several readings would grow without end. */
const MOST = 10;

type Readings = ReturnType<Reader>;

const joined = (readings: Readings): string => readings.map(([first]) => first).join('');
const initials = (readings: Readings): string => readings.map(([first]) => first.slice(0, 1)).join('');

/** The usual reading, and those in which one character is read in another way. */
function variants(readings: Readings): Readings[] {
  const others = readings.flatMap((of, at) => of.slice(1).map((other) => readings.map((each, place): readonly [string, ...string[]] => (place === at ? [other] : each))));
  return [readings, ...others];
}

/** 李小明: 小明, 李小, lixiaoming, lxm, xiaoming. */
function chineseTerms(name: string, read: Reader): string[] {
  const chars = [...name];
  const surname = COMPOUND.has(chars.slice(0, 2).join('')) && chars.length > 2 ? 2 : 1;
  const readings = read(name);
  const given = chars.slice(surname);
  const spoken = variants(readings).flatMap((each) => (chars.length > 1 ? [joined(each), initials(each)] : [joined(each)]));
  if (given.length < 2) return [given.join(''), ...spoken];
  return [given.join(''), chars.slice(0, surname + 1).join(''), joined(readings.slice(surname)), ...spoken];
}

/** A name in several parts, Latin, or of mixed script: each part by itself, all of it read aloud, its initials. */
function partedTerms(parts: readonly string[], read: Reader): string[] {
  const spoken = parts.map((part): Readings => (isHan(part) ? read(part) : [[part]]));
  const whole = spoken.flat();
  return [...parts, joined(whole), ...(whole.length > 1 ? [initials(whole.map(([first]) => [foldName(first)] as const))] : []), ...spoken.map(joined)];
}

/**
 * What a person can be found by, folded (`foldName`), each once, the name itself first: at most ten, for three
 * characters six. Empty for a name without letters.
 */
export function nameTerms(name: string, read: Reader): string[] {
  const parts = nameParts(name);
  const [only] = parts;
  const more = parts.length === 1 && only !== undefined && isHan(only) ? chineseTerms(only, read) : partedTerms(parts, read);
  const terms = [parts.join(''), ...more].map(foldName).filter((term) => term !== '');
  return [...new Set(terms)].slice(0, MOST);
}
