import { seedFile } from './seed-file.ts';

const file = seedFile({
  names: ['certificate.json', 'certificate-mirror.json'],
  format: 'doorbook-certificate-key/1',
  lost: (dir) =>
    `The key that signs registration certificates, in ${dir}, is damaged in both copies. Restore certificate.json from a backup of this folder, or move both files away: then every certificate has to be printed anew.`,
});

/** The key that signs registration certificates, from `DATA/keys`, made when there is none. For the desk side, which owns the file. Throws StoreError when files are there and neither copy is good. */
export const ownCertificateKey = file.own;
