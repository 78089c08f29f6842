import type { CertificateStatement } from '../core/certificate.ts';

/** How a certificate stands: `forged` also for what is none of ours. */
export type CertificateStand = 'valid' | 'ended' | 'forged';

const SAID = {
  valid: ['✓ 有效', 'Valid', '这张居住登记凭证是本站签发的，登记现在有效。', 'This residence registration certificate was issued here and the registration is in force.'],
  ended: [
    '✕ 已失效',
    'Ended',
    '这张凭证是本站签发的，但登记已经结束，或凭证已过期、已换新。',
    'This certificate was issued here, but the registration has ended, or it ran out or was replaced.',
  ],
  forged: ['✕ 无法核实', 'Not verified', '这不是本站签发的凭证，或内容被改过。请勿采信。', 'This was not issued here, or it was altered. Do not rely on it.'],
} as const;

/** Text in a page: nothing of it is markup. */
const plain = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
const row = (zh: string, en: string, value: string): string => `<dt>${zh} <span lang="en">${en}</span></dt><dd>${plain(value)}</dd>`;

/** The page a stranger sees who scans a certificate: whether it is valid, and only then of whom. No script, nothing from elsewhere. */
export function verifyPage(stand: CertificateStand, statement: CertificateStatement | undefined): string {
  const [zh, en, sentence, inEnglish] = SAID[stand];
  const facts =
    stand === 'valid' && statement !== undefined
      ? `<dl>${row('姓名', 'Name', statement.name)}${row('社区', 'Community', statement.place)}${row('有效期至', 'Until', statement.until)}</dl>`
      : '';
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${zh} ${en}</title>
<link rel="icon" href="/mark.svg">
<link rel="stylesheet" href="/verify/page.css">
</head>
<body class="${stand}">
<main>
<h1>${zh} <span lang="en">${en}</span></h1>
<p>${sentence}</p>
<p lang="en">${inEnglish}</p>
${facts}
<p class="small">请与持证人出示的证件核对姓氏。<br><span lang="en">Compare the surname with the document the holder shows you.</span></p>
<p class="small"><a href="/verify/key.pem">离线核验公钥 · <span lang="en">Public key, to check without a network</span></a></p>
</main>
</body>
</html>
`;
}

/** Its style, by the console's own colours. */
export const VERIFY_CSS = `:root { color-scheme: light dark; --ground: #faf9f6; --surface: #fff; --ink: #1c1b18; --good: #1f6f54; --bad: #a63d2f; --line: #d9d5cb; }
@media (prefers-color-scheme: dark) { :root { --ground: #161513; --surface: #1f1e1b; --ink: #ece9e2; --good: #5fbf9b; --bad: #e58a7c; --line: #3a3833; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
main { box-sizing: border-box; max-width: 30rem; margin: 1.5rem auto; padding: 1.5rem; background: var(--surface); border-radius: 6px; border-top: 6px solid var(--bad); }
.valid main { border-color: var(--good); } h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem; color: var(--bad); } .valid h1 { color: var(--good); }
dl { margin: 1rem 0; border-top: 1px solid var(--line); } dt { margin-top: .75rem; font-size: .875rem; } dd { margin: 0; font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
.small { font-size: .875rem; } a { color: inherit; } p { margin: .5rem 0; }
`;
