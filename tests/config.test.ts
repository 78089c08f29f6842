import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../gateway/config.ts';

const root = mkdtempSync(path.join(tmpdir(), 'doorbook-config-'));
const pem = path.join(root, 'cert.pem');
writeFileSync(pem, 'PEM');
afterAll(() => rmSync(root, { recursive: true }));

const refusal = (env: Record<string, string>): string => {
  try {
    readConfig(env, root);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('settings', () => {
  test('nothing set is the demo on loopback', () => {
    expect(readConfig({}, root)).toEqual({
      host: '127.0.0.1',
      port: 8080,
      mqttPort: 1883,
      tls: undefined,
      publicUrl: undefined,
      data: path.join(root, 'data', 'demo'),
      demo: true,
    });
  });

  test('a named data directory is a real site', () => {
    const data = path.join(root, 'site');
    expect(readConfig({ DOORBOOK_DATA: data, PORT: '0', HOST: '0.0.0.0', TLS_CERT: pem, TLS_KEY: pem, PUBLIC_URL: 'https://doors.example.cn/' }, root)).toMatchObject({
      data,
      demo: false,
      port: 0,
      host: '0.0.0.0',
      tls: { cert: pem, key: pem },
      publicUrl: 'https://doors.example.cn',
    });
  });

  test.each([
    [{ PORT: '80a' }, /^PORT: expected a port number from 0 to 65535.*"80a"/],
    [{ PORT: '65536' }, /^PORT: /],
    [{ MQTT_PORT: '-1' }, /^MQTT_PORT: /],
    [{ HOST: 'not a host' }, /^HOST: expected an IP address or host name/],
    [{ PUBLIC_URL: 'doors.example.cn' }, /^PUBLIC_URL: expected an address/],
    [{ PUBLIC_URL: 'ftp://doors.example.cn' }, /^PUBLIC_URL: /],
    [{ TLS_CERT: '/nowhere/cert.pem', TLS_KEY: '/nowhere/key.pem' }, /^TLS_CERT: expected the path of a PEM file/],
    [{ TLS_CERT: pem }, /^TLS_KEY: expected the path of the private key/],
    [{ TLS_KEY: pem }, /^TLS_CERT: expected the path of the certificate/],
    [{ DATABASE_URL: 'postgresql://localhost/doorbook' }, /^DATABASE_URL: PostgreSQL is not built yet/],
    [{ MQTT_URL: 'mqtts://broker' }, /^MQTT_URL: An external MQTT broker is not built yet/],
    [{ DOORBOOK_DATA: path.join(pem, 'below-a-file') }, /^DOORBOOK_DATA \(.*\): expected a directory this user can write to \(ENOTDIR\)/],
  ])('%j stops the start with one line that names the variable', (env, message) => {
    expect(refusal(env)).toMatch(message);
    expect(refusal(env)).not.toContain('\n');
  });
});
