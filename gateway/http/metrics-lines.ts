import type { Registry } from 'prom-client';
import type { LineCounts } from '../wire/osdp/acu-model.ts';
import type { LineStatus } from '../doors/serial/status.ts';
import { counter, gauges } from './metric-kinds.ts';

const DEVICE_STATES = ['up', 'degraded', 'offline', 'waiting', 'commissioning'] as const;

/** Serial lines and their devices, as the door side said so last. */
export function addLineMetrics(registry: Registry, { lines }: { lines(): readonly LineStatus[] }): void {
  const sum = (what: keyof LineCounts): number => lines().reduce((all, { counts }) => all + counts[what], 0);
  gauges({ registry, name: 'doorbook_serial_lines', help: 'Serial lines, by whether their port is open.' }, 'state', () => {
    const up = lines().filter(({ portUp }) => portUp).length;
    return [
      ['up', up],
      ['down', lines().length - up],
    ];
  });
  gauges({ registry, name: 'doorbook_line_devices', help: 'Devices on serial lines, by state.' }, 'state', () => {
    const devices = lines().flatMap((line) => line.devices);
    return DEVICE_STATES.map((state) => [state, devices.filter((device) => device.state === state).length]);
  });
  counter({ registry, name: 'doorbook_line_sent_total', help: 'Commands sent on serial lines, repeats among them.' }, () => sum('sent'));
  counter({ registry, name: 'doorbook_line_repeats_total', help: 'Commands that were sent again on serial lines.' }, () => sum('repeated'));
  counter({ registry, name: 'doorbook_line_bad_checks_total', help: 'Frames with a wrong check on serial lines.' }, () => sum('badChecks'));
}
