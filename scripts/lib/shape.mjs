import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './root.mjs';

const CLOCK_CALLS = new Set(['Date.now', 'Math.random', 'performance.now', 'process.hrtime', 'process.hrtime.bigint']);

/** The TypeScript of a file: of a Svelte component its script blocks, with the lines kept where they are. */
function script(file, raw) {
  if (!file.endsWith('.svelte')) return raw;
  const blank = (text) => text.replace(/[^\n]/g, ' ');
  let out = '';
  let at = 0;
  for (const match of raw.matchAll(/(<script[^>]*>)([\s\S]*?)<\/script>/g)) {
    const start = match.index + match[1].length;
    out += blank(raw.slice(at, start)) + match[2];
    at = start + match[2].length;
  }
  return out + blank(raw.slice(at));
}

function readsClock(n, source) {
  if (ts.isCallExpression(n)) return CLOCK_CALLS.has(n.expression.getText(source)) || n.expression.getText(source) === 'Date';
  return ts.isNewExpression(n) && n.expression.getText(source) === 'Date' && (n.arguments?.length ?? 0) === 0;
}

const isCast = (n, source) => (ts.isAsExpression(n) && n.type.getText(source) !== 'const') || n.kind === ts.SyntaxKind.TypeAssertionExpression;
const isExported = (n) => ts.canHaveModifiers(n) && ts.getModifiers(n)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword);
const isThis = (parameter, source) => parameter.name.getText(source) === 'this';
const nameOf = (n, source) => (n.name ?? n.declarationList?.declarations[0]?.name)?.getText(source) ?? 'a statement';

/** What one node adds to the counts of its file. */
function note(n, source, shape) {
  const line = source.getLineAndCharacterOfPosition(n.getStart(source)).line + 1;
  if (n.kind === ts.SyntaxKind.AnyKeyword) shape.any.push(line);
  if (isCast(n, source)) shape.as.push(line);
  if (ts.isNonNullExpression(n)) shape.nonNull.push(line);
  if (readsClock(n, source)) shape.clock.push(line);
  if (ts.isClassDeclaration(n)) shape.classes.push({ line, name: nameOf(n, source) });
  if (ts.isFunctionLike(n) && n.body) {
    const lines = ts.isBlock(n.body) ? source.getLineAndCharacterOfPosition(n.end).line + 2 - line : undefined;
    shape.functions.push({ line, lines, parameters: n.parameters.filter((p) => !isThis(p, source)).length });
  }
  if (n.parent === source && isExported(n)) shape.exports.push({ line, name: nameOf(n, source), documented: ts.getJSDocCommentsAndTags(n).length > 0 });
}

/** Lines that hold comment text, found by the scanner's own idea of a comment. */
function commentLines(text, source) {
  const lines = new Set();
  const add = (ranges) => {
    for (const range of ranges ?? []) {
      const last = source.getLineAndCharacterOfPosition(range.end).line;
      for (let line = source.getLineAndCharacterOfPosition(range.pos).line; line <= last; line++) lines.add(line);
    }
  };
  const visit = (n) => {
    add(ts.getLeadingCommentRanges(text, n.getFullStart()));
    add(ts.getTrailingCommentRanges(text, n.end));
    n.getChildren(source).forEach(visit);
  };
  visit(source);
  return lines.size;
}

/** A type and a value, or the overloads of a function, that share a name are one thing to a reader: one comment will do. */
function byName(exports) {
  const things = new Map();
  for (const item of exports) {
    const before = things.get(item.name);
    things.set(item.name, { ...item, ...before, documented: item.documented || (before?.documented ?? false) });
  }
  return [...things.values()];
}

/**
 * The shape of one file, from its syntax tree.
 * @param {string} file path from the root
 */
export function shapeOfFile(file) {
  const raw = readFileSync(path.join(root, file), 'utf8');
  const text = script(file, raw);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const shape = { file, any: [], as: [], nonNull: [], clock: [], classes: [], functions: [], exports: [] };
  const visit = (n) => {
    note(n, source, shape);
    ts.forEachChild(n, visit);
  };
  visit(source);
  return {
    ...shape,
    exports: byName(shape.exports),
    lines: raw.split('\n').length - 1,
    code: text.split('\n').filter((line) => line.trim() !== '').length,
    comments: commentLines(text, source),
  };
}
