import type { Config } from '../config.ts';
import { type CertificateFacts, readCertificate } from '../machine/certificate.ts';
import { said } from '../patience.ts';
import { type Finding, trouble, well } from './finding.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
const LAST_DAYS = 7;

/** How the console is reached over TLS. `certificate` undefined: a proxy has it, or nobody. */
export interface TlsFacts {
  readonly now: number;
  readonly publicUrl: string | undefined;
  readonly certificate: CertificateFacts | { readonly unreadable: string } | undefined;
  readonly demo: boolean;
}

/** Reads what the settings name. */
export function tlsFacts({ tls, publicUrl, demo }: Pick<Config, 'tls' | 'publicUrl' | 'demo'>, now: number): TlsFacts {
  if (tls === undefined) return { now, publicUrl, demo, certificate: undefined };
  try {
    return { now, publicUrl, demo, certificate: readCertificate(tls) };
  } catch (error) {
    return { now, publicUrl, demo, certificate: { unreadable: said(error) } };
  }
}

const RENEW = { zh: '换一张新证书，放到 TLS_CERT 和 TLS_KEY，再重启网关', en: 'Put a new certificate at TLS_CERT and TLS_KEY, and restart the gateway' };

function withoutOwn({ publicUrl, demo }: TlsFacts): Finding {
  if (publicUrl?.startsWith('https://') === true)
    return well(`网页由代理加密（${publicUrl}），证书由代理管`, `A proxy encrypts the console (${publicUrl}) and has the certificate`);
  if (demo) return well('演示楼：只在本机打开，不用证书', 'Demo building: only on this computer, without a certificate');
  return trouble(
    'warn',
    { zh: '没有证书：除了本机，别的电脑打开网页不加密', en: 'No certificate: other computers than this one reach the console unencrypted' },
    { zh: '设置 TLS_CERT 和 TLS_KEY，或用带 https 的代理和 PUBLIC_URL', en: 'Set TLS_CERT and TLS_KEY, or use a proxy with https and set PUBLIC_URL' },
  );
}

/** The certificate belongs to its key, names the host people type, and lasts (warned 30 days before its end, failing 7 before). */
export function judgeTls(facts: TlsFacts): Finding {
  const { certificate, publicUrl, now } = facts;
  if (certificate === undefined) return withoutOwn(facts);
  if ('unreadable' in certificate) return trouble('fail', { zh: `证书读不了：${certificate.unreadable}`, en: `The certificate cannot be read: ${certificate.unreadable}` }, RENEW);
  if (!certificate.keyFits) return trouble('fail', { zh: 'TLS_KEY 不是这张证书的私钥', en: 'TLS_KEY is not the key of this certificate' }, RENEW);
  const days = Math.floor((certificate.validTo - now) / DAY_MS);
  if (certificate.validFrom > now)
    return trouble(
      'fail',
      { zh: '证书还没有生效', en: 'The certificate is not valid yet' },
      { zh: '核对电脑的时间和证书的日期', en: 'Check the clock and the dates of the certificate' },
    );
  const host = publicUrl === undefined ? undefined : new URL(publicUrl).hostname;
  if (host !== undefined && !certificate.names(host)) return trouble('fail', { zh: `证书上没有 ${host} 这个名字`, en: `The certificate does not name ${host}` }, RENEW);
  const found = days < 0 ? { zh: '证书已经过期', en: 'The certificate has expired' } : { zh: `证书还有 ${days} 天到期`, en: `The certificate is good for ${days} days` };
  if (days < LAST_DAYS) return trouble('fail', found, RENEW);
  return days < SOON_DAYS ? trouble('warn', found, RENEW) : { level: 'well', found };
}
