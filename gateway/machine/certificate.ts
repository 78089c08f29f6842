import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** The console's own certificate, as its two files say. */
export interface CertificateFacts {
  /** Epoch ms. */
  readonly validFrom: number;
  readonly validTo: number;
  /** The key is the certificate's. */
  readonly keyFits: boolean;
  /** Is it made for this host name or address? */
  names(host: string): boolean;
}

/** Reads both PEM files; of a chain the first certificate counts. Throws what the files or their contents are not. */
export function readCertificate({ cert, key }: { readonly cert: string; readonly key: string }): CertificateFacts {
  const certificate = new X509Certificate(readFileSync(cert));
  const privateKey = createPrivateKey(readFileSync(key));
  return {
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    keyFits: certificate.checkPrivateKey(privateKey),
    names(host) {
      const bare = host.replace(/^\[|\]$/g, '');
      return (isIP(bare) === 0 ? certificate.checkHost(bare) : certificate.checkIP(bare)) !== undefined;
    },
  };
}
