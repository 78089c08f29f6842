import type { Registry } from 'prom-client';
import { lastBackup } from '../machine/backups.ts';
import { readCertificate } from '../machine/certificate.ts';
import { diskSpace } from '../machine/disk.ts';
import { type ThreadNumbers, watchThread } from '../machine/thread.ts';
import { DATABASES, databaseSize } from '../machine/wal.ts';
import type { Deps } from './deps.ts';
import { counter, gauge, gauges } from './metric-kinds.ts';

const DAY_MS = 86_400_000;

/** Days until the console's certificate ends; undefined without one, 0 for one that cannot be used. */
function certificateDays({ config: { tls }, clock }: Deps): number | undefined {
  if (tls === undefined) return undefined;
  try {
    return (readCertificate(tls).validTo - clock()) / DAY_MS;
  } catch {
    return 0;
  }
}

function storageMetrics(registry: Registry, deps: Deps): void {
  const { data } = deps.config;
  const space = () => diskSpace(data).catch(() => undefined);
  gauge({ registry, name: 'doorbook_disk_free_bytes', help: 'Room left on the disk of the data directory.' }, async () => (await space())?.free);
  gauge({ registry, name: 'doorbook_disk_used_bytes', help: 'Room taken on the disk of the data directory.' }, async () => (await space())?.used);
  gauges({ registry, name: 'doorbook_database_bytes', help: 'Size of a database.' }, 'database', () => DATABASES.map((name) => [name, databaseSize(data, name).file]));
  gauges({ registry, name: 'doorbook_wal_bytes', help: 'Size of a database’s write-ahead log.' }, 'database', () => DATABASES.map((name) => [name, databaseSize(data, name).wal]));
  gauge({ registry, name: 'doorbook_backup_age_seconds', help: 'Age of the newest backup; absent before the first.' }, () => {
    const last = lastBackup(data);
    return last && (deps.clock() - last.at) / 1000;
  });
  gauge({ registry, name: 'doorbook_backup_ok', help: '1 when the newest backup succeeded, 0 when it failed; absent before the first.' }, () => {
    const last = lastBackup(data);
    return last && Number(last.ok);
  });
  gauge({ registry, name: 'doorbook_certificate_days', help: 'Days until the console’s own certificate ends; absent where a proxy has it.' }, () => certificateDays(deps));
}

/** Names of the process’s own numbers are those every Prometheus client gives them. */
function processMetrics(registry: Registry, deps: Deps): void {
  const own = watchThread();
  const threads = (): [string, ThreadNumbers][] => {
    const doors = deps.doorSide.numbers()?.thread;
    return [...(doors === undefined ? [] : [['doors', doors] satisfies [string, ThreadNumbers]]), ['desk', latest]];
  };
  let latest: ThreadNumbers = own();
  gauge({ registry, name: 'process_resident_memory_bytes', help: 'Resident memory of the process.' }, () => {
    latest = own();
    return process.memoryUsage.rss();
  });
  gauge({ registry, name: 'process_start_time_seconds', help: 'When the process started, Unix time.' }, () => (deps.clock() - process.uptime() * 1000) / 1000);
  counter({ registry, name: 'process_cpu_seconds_total', help: 'Processor time of the process.' }, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauges({ registry, name: 'doorbook_heap_bytes', help: 'Heap in use, by thread.' }, 'thread', () => threads().map(([thread, { heapBytes }]) => [thread, heapBytes]));
  gauges(
    { registry, name: 'doorbook_event_loop_delay_p99_seconds', help: 'Event loop delay, 99th percentile: doors in the last second, desk since the last scrape.' },
    'thread',
    () => threads().map(([thread, { p99 }]) => [thread, p99]),
  );
  gauges({ registry, name: 'doorbook_event_loop_delay_max_seconds', help: 'Longest event loop delay: doors in the last second, desk since the last scrape.' }, 'thread', () =>
    threads().map(([thread, { max }]) => [thread, max]),
  );
}

/** Disk, databases, backup, certificate, process. */
export function addMachineMetrics(registry: Registry, deps: Deps): void {
  storageMetrics(registry, deps);
  processMetrics(registry, deps);
}
