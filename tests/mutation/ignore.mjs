const REASON = 'words of an error, for the log and whoever reads it; that it is thrown, and of which class, is mutated';

/** Is this text handed to the constructor of an error? */
function isErrorText(path) {
  if (!path.isStringLiteral() && !path.isTemplateLiteral()) return false;
  const callee = path.findParent((above) => above.isNewExpression())?.get('callee');
  return callee?.isIdentifier() === true && /Error$|^JournalUnavailable$/.test(callee.node.name);
}

/** A plugin of Stryker: its mutants are reported as ignored, with the reason. */
export const strykerPlugins = [{ kind: 'Ignore', name: 'error-texts', value: { shouldIgnore: (path) => (isErrorText(path) ? REASON : undefined) } }];
