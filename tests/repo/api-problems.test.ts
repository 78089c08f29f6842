import { describe, expect, test } from 'vitest';
import { PROBLEMS } from '../../gateway/http/problem-codes.ts';

const entries = Object.entries(PROBLEMS);
const sorted = [...entries].sort(([a, [statusA]], [b, [statusB]]) => statusA - statusB || a.localeCompare(b));

/** docs/api-problems.md as it should be. After a change of the codes: `npx vitest run tests/repo/api-problems.test.ts -u`. */
const PAGE = `# Problems

Every error answer of the API, by status. The media type is \`application/problem+json\` (RFC 9457); \`type\` is \`/problems/CODE\`, which a running gateway also serves as a page. Codes are stable: programs go by \`code\`, people read \`message.zh\` or \`message.en\`. Made from \`gateway/http/problem-codes.ts\`.

| status | code | 中文 | English |
|---|---|---|---|
${sorted.map(([code, [status, zh, en]]) => `| ${status} | \`${code}\` | ${zh} | ${en} |`).join('\n')}
`;

describe('docs/api-problems.md', () => {
  test('lists every code with both sentences, and none that is gone', async () => {
    await expect(PAGE).toMatchFileSnapshot('../../docs/api-problems.md');
  });
});

describe('a problem', () => {
  test.each(entries)('%s has a status of an error and a sentence in each language', (code, [status, zh, en]) => {
    expect(code).toMatch(/^[A-Z][A-Z_]{2,30}$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(zh).toMatch(/[一-龥].*[。？！]$/);
    expect(en).toMatch(/^[A-Z].*[.?!]$/);
    expect(`${zh}${en}`).not.toMatch(/\||undefined|null\b/);
  });
});
