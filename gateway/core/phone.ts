import { halfWidth } from './text.ts';

/** A phone number as kept (E.164), or why it is none. */
export type Phone = { readonly ok: true; readonly e164: string; readonly kind: 'mobile' | 'landline' } | { readonly ok: false; readonly code: 'PHONE_FORMAT' };

const MOBILE = /^1[3-9]\d{9}$/;
const LANDLINE = /^0\d{2,3}\d{7,8}$/;

/**
 * Reads a mainland number (domain.md 3.7): spaces, hyphens and one leading +86, 0086 or 86 go. Operator prefixes
 * are not checked (number portability). `testPrefixes` are three-digit prefixes taken besides, such as the
 * unallocated 120 of synthetic data; empty in production.
 */
export function readPhone(text: string, testPrefixes: readonly string[]): Phone {
  const digits = halfWidth(text)
    .replace(/[\s-]/g, '')
    .replace(/^(?:\+86|0086|86)(?=[01])/, '');
  const mobile = MOBILE.test(digits) || (/^\d{11}$/.test(digits) && testPrefixes.some((prefix) => digits.startsWith(prefix)));
  if (mobile) return { ok: true, e164: `+86${digits}`, kind: 'mobile' };
  return LANDLINE.test(digits) ? { ok: true, e164: `+86${digits.slice(1)}`, kind: 'landline' } : { ok: false, code: 'PHONE_FORMAT' };
}

/** A number as people here write it: a mainland one without its country code, a landline with the 0 of its area; others stay E.164. '' stays ''. */
export const writtenPhone = (e164: string): string => (e164.startsWith('+86') ? e164.slice(3).replace(/^(?=[2-9]\d{8,10}$|10\d{8}$)/, '0') : e164);
