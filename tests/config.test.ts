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
      checkpoints: { file: undefined, url: undefined },
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

  test('a real site has a port with TLS for its controllers, a demo only when it is told to', () => {
    const site = { DOORBOOK_DATA: path.join(root, 'site') };
    expect(readConfig(site, root).doors).toEqual({ host: '127.0.0.1', port: 8883, address: undefined, certificate: undefined });
    expect(readConfig({ ...site, HOST: '0.0.0.0' }, root).doors).toMatchObject({ host: '0.0.0.0' });
    const given = { MQTTS_PORT: '9883', MQTTS_HOST: '192.0.2.7', MQTTS_ADDRESS: 'doors.example.cn', MQTTS_CERT: pem, MQTTS_KEY: pem };
    expect(readConfig({ ...site, ...given }, root).doors).toEqual({ host: '192.0.2.7', port: 9883, address: 'doors.example.cn', certificate: { cert: pem, key: pem } });
    expect([readConfig({}, root).doors, readConfig({ MQTTS_PORT: '0' }, root).doors?.port]).toEqual([undefined, 0]);
  });

  test('serial lines are named by port, speed and addresses', () => {
    const lines = (given: string) => readConfig({ OSDP_LINES: given }, root).lines;
    expect(lines('/dev/serial/by-id/usb-x@9600:0,1; /dev/serial/by-path/pci-0:1:1.0-port0@115200:126;')).toEqual([
      { port: '/dev/serial/by-id/usb-x', baud: 9600, addresses: [0, 1] },
      { port: '/dev/serial/by-path/pci-0:1:1.0-port0', baud: 115_200, addresses: [126] },
    ]);
    expect([lines(''), lines('  ')]).toEqual([undefined, undefined]);
    for (const [given, told] of [
      ['ttyS1@9600:1', 'got "ttyS1@9600:1"'],
      ['/dev/ttyS1:9600:1', 'expected lines such as /dev/serial/by-id/usb-x@9600:0,1'],
      ['/dev/ttyS1@9600', 'expected lines such as'],
      ['/dev/../etc/x@9600:1', 'expected lines such as'],
      ['/dev/ttyS1@1200:1', 'a speed of /dev/ttyS1 of 9600, 19200, 38400, 57600, 115200, 230400, got "1200"'],
      ['/dev/ttyS1@9600:1,127', 'addresses of /dev/ttyS1 from 0 to 126, each once, got "127"'],
      ['/dev/ttyS1@9600:1,2,1', 'each once, got "1"'],
      [`/dev/ttyS1@9600:${Array.from({ length: 32 }, (_, n) => n).join(',')}`, 'at most 31 devices at /dev/ttyS1, got "32"'],
      ['/dev/ttyS1@9600:1;/dev/ttyS1@9600:2', 'each port once, got "/dev/ttyS1"'],
    ] as const)
      expect(refusal({ OSDP_LINES: given })).toMatch(new RegExp(`^OSDP_LINES: .*${told.replace(/[.[\]{}()*+?^$|]/g, '\\$&')}`));
  });

  test('a port for esp-rfid boards is open only when it is named', () => {
    const site = { DOORBOOK_DATA: path.join(root, 'site'), HOST: '192.0.2.1' };
    expect(readConfig(site, root).boards).toBeUndefined();
    expect(readConfig({ ...site, ESP_RFID_PORT: '1884' }, root).boards).toEqual({ host: '192.0.2.1', port: 1884 });
    expect(readConfig({ ...site, ESP_RFID_PORT: '1884', ESP_RFID_HOST: '192.0.2.7' }, root).boards).toEqual({ host: '192.0.2.7', port: 1884 });
  });

  test('checkpoints may be copied to a file and to a witness', () => {
    const file = path.join(root, 'checkpoint.txt');
    expect(readConfig({ CHECKPOINT_FILE: file, CHECKPOINT_URL: 'http://127.0.0.1:8090/' }, root).checkpoints).toEqual({ file, url: 'http://127.0.0.1:8090' });
  });

  test('a nightly backup goes where it is told, its keys beside it unless told otherwise', () => {
    const minutes = (hours: number, more: number): number => (hours * 60 + more) * 60_000;
    expect(readConfig({ BACKUP_DIR: '/mnt/usb/doorbook/' }, root).backup).toEqual({ dir: '/mnt/usb/doorbook', keysDir: '/mnt/usb/doorbook-keys', keep: 14, at: minutes(3, 30) });
    const given = { BACKUP_DIR: '/a', BACKUP_KEYS_DIR: '/b', BACKUP_AT: '23:05', BACKUP_KEEP: '3' };
    expect(readConfig(given, root).backup).toEqual({ dir: '/a', keysDir: '/b', keep: 3, at: minutes(23, 5) });
    expect(readConfig({ BACKUP_AT: '04:00' }, root).backup).toBeUndefined();
  });

  test.each([
    [{ PORT: '80a' }, /^PORT: expected a port number from 0 to 65535.*"80a"/],
    [{ PORT: '65536' }, /^PORT: /],
    [{ MQTT_PORT: '-1' }, /^MQTT_PORT: /],
    [{ HOST: 'not a host' }, /^HOST: expected an IP address or host name/],
    [{ BACKUP_DIR: 'backups' }, /^BACKUP_DIR: expected the whole path/],
    [{ BACKUP_DIR: '/a', BACKUP_KEYS_DIR: 'b' }, /^BACKUP_KEYS_DIR: expected the whole path/],
    [{ BACKUP_KEYS_DIR: '/b' }, /^BACKUP_DIR: expected the folder for backups/],
    [{ BACKUP_DIR: '/a', BACKUP_AT: '24:00' }, /^BACKUP_AT: expected a time of day/],
    [{ BACKUP_DIR: '/a', BACKUP_KEEP: '0' }, /^BACKUP_KEEP: /],
    [{ PUBLIC_URL: 'doors.example.cn' }, /^PUBLIC_URL: expected an address/],
    [{ CHECKPOINT_URL: 'witness.example.cn' }, /^CHECKPOINT_URL: expected an address/],
    [{ CHECKPOINT_FILE: '/nowhere/checkpoint.txt' }, /^CHECKPOINT_FILE: expected the path of a file in a folder/],
    [{ PUBLIC_URL: 'ftp://doors.example.cn' }, /^PUBLIC_URL: /],
    [{ TLS_CERT: '/nowhere/cert.pem', TLS_KEY: '/nowhere/key.pem' }, /^TLS_CERT: expected the path of a PEM file/],
    [{ TLS_CERT: pem }, /^TLS_KEY: expected the path of the private key/],
    [{ TLS_KEY: pem }, /^TLS_CERT: expected the path of the certificate/],
    [{ MQTTS_PORT: 'x' }, /^MQTTS_PORT: expected a port number/],
    [{ MQTTS_PORT: '1', MQTTS_HOST: 'not a host' }, /^MQTTS_HOST: expected an IP address or host name/],
    [{ MQTTS_PORT: '1', MQTTS_ADDRESS: 'https://x' }, /^MQTTS_ADDRESS: expected an IP address or host name/],
    [{ ESP_RFID_PORT: 'x' }, /^ESP_RFID_PORT: expected a port number/],
    [{ ESP_RFID_PORT: '1', ESP_RFID_HOST: 'not a host' }, /^ESP_RFID_HOST: expected an IP address or host name/],
    [{ ESP_RFID_HOST: '192.0.2.7' }, /^ESP_RFID_PORT: expected the port for esp-rfid boards, as ESP_RFID_HOST names/],
    [{ MQTTS_CERT: pem }, /^MQTTS_KEY: expected the path of the private key that belongs to MQTTS_CERT/],
    [{ DATABASE_URL: 'postgresql://localhost/doorbook' }, /^DATABASE_URL: PostgreSQL is not built yet/],
    [{ MQTT_URL: 'mqtts://broker' }, /^MQTT_URL: An external MQTT broker is not built yet/],
    [{ DOORBOOK_DATA: path.join(pem, 'below-a-file') }, /^DOORBOOK_DATA \(.*\): expected a directory this user can write to \(ENOTDIR\)/],
  ])('%j stops the start with one line that names the variable', (env, message) => {
    expect(refusal(env)).toMatch(message);
    expect(refusal(env)).not.toContain('\n');
  });
});
