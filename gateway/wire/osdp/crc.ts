/** CRC-16 of OSDP (osdp.md 2.2): polynomial 0x1021, start 0x1D0F, most significant bit first, no final xor. */
const POLYNOMIAL = 0x1021;
const START = 0x1d0f;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x8000 ? (value << 1) ^ POLYNOMIAL : value << 1;
  return value;
});

/** CRC of these bytes, a number below 65,536; a frame carries its low byte first. */
export function crc16(bytes: Uint8Array): number {
  let crc = START;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ byte] ?? 0);
  return crc;
}

/** The older, weaker check of one byte: the two's complement of the sum of all bytes (osdp.md 2.2). */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return -sum & 0xff;
}
