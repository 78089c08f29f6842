import type { PortEars, PortOpener } from '../../../gateway/serial/port.ts';

/** Two ends of one line in memory. `cut`: nothing gets through. */
export interface MemoryLine {
  readonly panel: PortOpener;
  readonly device: PortOpener;
  cut: boolean;
}

export function memoryLine(): MemoryLine {
  const ears: { panel?: PortEars; device?: PortEars } = {};
  const line: MemoryLine = { panel: opener('panel', 'device'), device: opener('device', 'panel'), cut: false };
  function opener(mine: 'panel' | 'device', other: 'panel' | 'device'): PortOpener {
    return async (heard) => {
      ears[mine] = heard;
      return {
        write: (bytes) => void setImmediate(() => line.cut || ears[other]?.heard(bytes)),
        close: () => void delete ears[mine],
      };
    };
  }
  return line;
}
