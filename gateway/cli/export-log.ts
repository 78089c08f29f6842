import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { timeAt } from '../core/local-date.ts';
import { type Exported, exportLog, ExportRefused } from '../journal/export.ts';
import { readKeys } from '../store/keys.ts';
import { explained } from '../store/sqlite.ts';
import type { CommandPlace } from './command.ts';
import type { Terminal } from './import-command.ts';
import { CommandFailed } from './local-gateway.ts';

const WORDS = {
  zh: {
    none: (file: string) => `这里没有日志：${file} 不存在。用 DOORBOOK_DATA 指明数据目录。`,
    exists: (file: string) => `${file} 已经存在。换个名字，或加上 --yes 覆盖它。`,
    old: '日志文件是旧版本的，还没有证明。先启动一次网关，再导出。',
    unsigned: '给日志签名的密钥不在这里，或与日志不符。先启动一次网关（它会接着开始新的日志），再导出；或从备份恢复密钥文件夹。',
    progress: (lines: string) => `已写 ${lines} 行……`,
    done: (entries: string, logs: number, file: string) => `已导出 ${entries} 条（${logs} 个日志）到 ${file}。内容仍是封存的，文件里没有个人资料。`,
    newest: (size: string, at: string) => `最新检查点：${size} 条，${at}。`,
    noCheckpoint: '还没有检查点。',
    faults: (count: number) => `注意：导出时发现 ${count} 处与日志不符，都写在文件里，核对不会通过。请保留现场，不要重启网关，联系维护人员。`,
    next: (file: string) => `核对（在任何装了 Node 的电脑上）：\nnode docs/verify.mjs ${file}\n有控制器、控制台或打印件上的检查点时，加上 --checkpoint 文件。`,
  },
  en: {
    none: (file: string) => `There is no log here: ${file} does not exist. DOORBOOK_DATA names the data directory.`,
    exists: (file: string) => `${file} is there already. Name another, or add --yes to replace it.`,
    old: 'The log is of an older version that proves nothing yet. Start the gateway once, then export.',
    unsigned: 'The key that signs the log is not here, or is another. Start the gateway once (it goes on in a new log), then export; or restore the keys folder from a backup.',
    progress: (lines: string) => `${lines} lines written …`,
    done: (entries: string, logs: number, file: string) => `${entries} entries of ${logs} log(s) are in ${file}. Their contents stay sealed; no personal data is in the file.`,
    newest: (size: string, at: string) => `Newest checkpoint: over ${size} entries, ${at}.`,
    noCheckpoint: 'There is no checkpoint yet.',
    faults: (count: number) =>
      `Mind: ${count} things were not as the log wrote them. They are in the file, which will not verify. Leave all as it is and call whoever looks after the system.`,
    next: (file: string) =>
      `To verify it, on any computer with Node:\nnode docs/verify.mjs ${file}\nIf you have a checkpoint from a controller, a console or a printed note, add --checkpoint FILE.`,
  },
} as const;

/** `now`: epoch ms. */
export interface ExportOptions {
  readonly file: string;
  readonly yes: boolean;
  readonly now?: () => number;
}

/** How often it says how far it is, and how much is written at once. */
const TELL_MS = 2000;
const WRITE_CHARS = 1 << 18;

const count = (value: number): string => value.toLocaleString('en');

/** Writes lines beside the file and puts it in place when it is whole and on disk. */
function writeLines(file: string, lines: Generator<string, Exported>, tell: (lines: number) => void): Exported {
  const part = `${file}.part`;
  const handle = openSync(part, 'w', 0o600);
  let [text, written, told] = ['', 0, performance.now()];
  const flush = (): void => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    text = '';
  };
  try {
    let next = lines.next();
    for (; next.done !== true; next = lines.next()) {
      text += next.value;
      written += 1;
      if (text.length < WRITE_CHARS) continue;
      flush();
      if (performance.now() - told < TELL_MS) continue;
      told = performance.now();
      tell(written);
    }
    flush();
    fsyncSync(handle);
    renameSync(part, file);
    return next.value;
  } finally {
    closeSync(handle);
    rmSync(part, { force: true });
  }
}

/** A path as it must be written on a command line. */
const quoted = (file: string): string => (/^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`);

/** Writes the whole log to a file that docs/verify.mjs checks, whether the gateway runs or not. True when the log is as it was written. */
export async function exportLogTo({ data }: Pick<CommandPlace, 'data'>, { file, yes, now = Date.now }: ExportOptions, { language, say }: Terminal): Promise<boolean> {
  const words = WORDS[language];
  const [journal, keysDir] = [path.join(data, 'journal.sqlite'), path.join(data, 'keys')];
  // npm changes to the project's folder; the person meant the one he is in.
  const target = path.resolve(process.env['INIT_CWD'] ?? process.cwd(), file);
  if (!existsSync(journal)) throw new CommandFailed(words.none(journal));
  if (existsSync(target) && !yes) throw new CommandFailed(words.exists(file));
  const place = { file: journal, keysDir, root: readKeys(keysDir).journalRoot };
  try {
    const { logs, entries, faults, newest } = writeLines(target, exportLog(place, { at: now() }), (lines) => say(words.progress(count(lines))));
    say(words.done(count(entries), logs, file));
    say(newest === undefined ? words.noCheckpoint : words.newest(count(newest.size), `${timeAt(newest.at)} +08:00`));
    if (faults.length > 0) say(words.faults(faults.length));
    say(words.next(quoted(target === path.resolve(file) ? file : target)));
    return faults.length === 0;
  } catch (error) {
    if (error instanceof ExportRefused) throw new CommandFailed(words[error.why]);
    throw explained(journal, error);
  }
}
