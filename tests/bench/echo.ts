import { createServer } from 'node:net';
import { Aedes } from 'aedes';

/** The bare engine: an aedes broker that sends every request back as its answer and does nothing else. */
const broker = await Aedes.createBroker({
  authorizePublish(client, packet, callback) {
    callback(null);
    if (client && packet.topic.endsWith('/req')) {
      client.publish({ cmd: 'publish', dup: false, retain: false, qos: 1, topic: `${packet.topic.slice(0, -3)}res`, payload: packet.payload }, () => undefined);
    }
  },
});
const server = createServer({ noDelay: true }, broker.handle);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
