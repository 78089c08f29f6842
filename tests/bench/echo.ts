import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Aedes } from 'aedes';
import { ownCertificate } from '../../gateway/doors/certificate.ts';

/** The bare engine: an aedes broker that sends every request back as its answer and does nothing else, on a plain port and one with TLS. */
const broker = await Aedes.createBroker({
  authorizePublish(client, packet, callback) {
    // What it would keep for nobody counts as memory of a connection, and ours keeps nothing either.
    packet.retain = false;
    callback(null);
    if (client && packet.topic.endsWith('/req')) {
      client.publish({ cmd: 'publish', dup: false, retain: false, qos: 1, topic: `${packet.topic.slice(0, -3)}res`, payload: packet.payload }, () => undefined);
    }
  },
});
const shown = await ownCertificate(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, ['127.0.0.1'], Date.now());

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

const plain = await listening(createServer({ noDelay: true, keepAlive: true }, broker.handle));
const secure = await listening(
  createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const line = new TLSSocket(socket, { isServer: true, secureContext: shown.context });
    socket.on('error', () => line.destroy());
    broker.handle(line);
  }),
);
process.send?.({ port: plain, secure: { port: secure, pin: shown.pin } });
