/** What a CONNECT says (MQTT 3.1.1, 3.1). */
export interface Connect {
  readonly protocol: string;
  readonly level: number;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  readonly clean: boolean;
  /** Seconds. */
  readonly keepalive: number;
  readonly will: { readonly topic: string; readonly payload: Buffer; readonly qos: number } | undefined;
}

const FLAG = { clean: 2, will: 4, password: 64, username: 128 } as const;

/** Reads fields one after the other. RangeError at the end of the bytes. */
function cursor(body: Buffer): { u8(): number; u16(): number; bytes(): Buffer } {
  let at = 0;
  const u16 = (): number => {
    at += 2;
    return body.readUInt16BE(at - 2);
  };
  return {
    u16,
    u8() {
      at += 1;
      return body.readUInt8(at - 1);
    },
    bytes() {
      const length = u16();
      if (at + length > body.length) throw new RangeError('a field is cut short');
      at += length;
      return body.subarray(at - length, at);
    },
  };
}

/** Reads a CONNECT. RangeError when it is cut short. */
export function readConnect(body: Buffer): Connect {
  const read = cursor(body);
  const protocol = read.bytes().toString();
  const [level, flags, keepalive] = [read.u8(), read.u8(), read.u16()];
  const clientId = read.bytes().toString();
  const will = (flags & FLAG.will) === 0 ? undefined : { topic: read.bytes().toString(), payload: Buffer.from(read.bytes()), qos: (flags >> 3) & 3 };
  const username = (flags & FLAG.username) === 0 ? '' : read.bytes().toString();
  const password = (flags & FLAG.password) === 0 ? '' : read.bytes().toString();
  return { protocol, level, clientId, username, password, clean: (flags & FLAG.clean) !== 0, keepalive, will };
}

/** Filters of a SUBSCRIBE. RangeError when it is cut short. */
export function readFilters(body: Buffer): string[] {
  const read = cursor(body.subarray(2));
  const filters: string[] = [];
  for (let left = body.length - 2; left > 0; ) {
    const filter = read.bytes();
    read.u8();
    filters.push(filter.toString());
    left -= filter.length + 3;
  }
  return filters;
}
