import { X509Certificate } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import { pinOf } from '../gateway/wire/mqtt/enrol.ts';

const HANDSHAKE_MS = 5000;

/**
 * Is the gateway at the other end? Its certificate has the pinned key, or is signed by a certificate it sends that has.
 * Dates and names are not looked at: a controller that has just got power knows neither the time nor what the gateway is called.
 */
function isPinned(socket: TLSSocket, pin: string): boolean {
  const { raw, issuerCertificate } = socket.getPeerCertificate(true);
  if (raw === undefined) return false;
  const leaf = new X509Certificate(raw);
  if (pinOf(leaf.publicKey) === pin) return true;
  if (issuerCertificate?.raw === undefined) return false;
  const issuer = new X509Certificate(issuerCertificate.raw);
  return issuer.ca && pinOf(issuer.publicKey) === pin && leaf.verify(issuer.publicKey);
}

/** A TLS 1.3 connection to the gateway with this pin. Rejects when nobody answers, or somebody else does: then nothing was said. */
export function openPinned({ host, port, pin }: { readonly host: string; readonly port: number; readonly pin: string }): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, minVersion: 'TLSv1.3', rejectUnauthorized: false });
    const fail = (error: Error): void => {
      clearTimeout(late);
      socket.destroy();
      reject(error);
    };
    const late = setTimeout(() => fail(new Error(`${host}:${port} does not answer`)), HANDSHAKE_MS);
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      if (!isPinned(socket, pin)) return fail(new Error(`${host}:${port} is not the gateway this controller was fitted for: its key is another`));
      clearTimeout(late);
      socket.off('error', fail).setNoDelay(true);
      resolve(socket);
    });
  });
}
