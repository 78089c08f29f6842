import { isDay } from './rules/rule.ts';

/** What a registration certificate says to a stranger: no more than he needs to believe the paper in his hand. */
export interface CertificateStatement {
  /** 16 hexadecimal digits. */
  readonly number: string;
  /** Masked: 李*. */
  readonly name: string;
  /** Down to the community, never the building. */
  readonly place: string;
  /** Last day, yyyy-mm-dd. */
  readonly until: string;
}

/** What is signed begins with this, so that no other signature of the site can be taken for one of a certificate. */
const CERTIFICATE_CONTEXT = 'doorbook-certificate/1';
/** Signed text, signature: base64url, parted by a dot. */
const STATEMENT = /^([\w-]{1,800})\.([\w-]{86})$/;
const LINES = 5;
const NUMBER = /^[0-9A-F]{16}$/;

/** The text that is signed: context, number, name, place and last day, a line each. */
export const certificateText = ({ number, name, place, until }: CertificateStatement): string => [CERTIFICATE_CONTEXT, number, name, place, until].join('\n');

/** Body and signature of what a QR code holds, both base64url; undefined: it is not of this form. */
export function splitCertificate(text: string): { readonly body: string; readonly signature: string } | undefined {
  const [, body, signature = ''] = STATEMENT.exec(text) ?? [];
  return body === undefined ? undefined : { body, signature };
}

/** What a signed text says; undefined: it is no statement of a certificate. Only for a text whose signature was checked. */
export function readCertificate(text: string): CertificateStatement | undefined {
  const lines = text.split('\n');
  const [context, number = '', name = '', place = '', until = ''] = lines;
  const whole = lines.length === LINES && context === CERTIFICATE_CONTEXT && NUMBER.test(number) && name !== '' && place !== '' && isDay(until);
  return whole ? { number, name, place, until } : undefined;
}
