const KEYS = [
  '-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----',
  'dbk_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])',
  'AKIA[0-9A-Z]{16}',
  'gh[pousr]_[A-Za-z0-9]{30,}',
  'xox[baprs]-[A-Za-z0-9-]{10,}',
  'eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.',
  // A long literal that is called a secret, or sent as one, and looks like no word.
  '(?:secret|password|passwd|api_?key|token)\\b["\']?\\s*[:=]\\s*["\'`](?=[^"\'`]*\\d)(?=[^"\'`]*[A-Za-z])[A-Za-z0-9+/=_-]{24,}["\'`]',
  'Bearer (?=[^"\'`\\s]*\\d)[A-Za-z0-9+/=_-]{24,}',
];

/** What a secret looks like in a source or a bundle. */
export const SECRET = new RegExp(KEYS.join('|'), 'i');
