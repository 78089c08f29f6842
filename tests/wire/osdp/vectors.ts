/**
 * Facts of osdp.md 3, hex: Annex E as public implementations carry it, frames of their tests, and a session recorded
 * between a control panel and a device of another maker. None of these was made by our code.
 */
export const DEFAULT_SESSION = {
  key: '303132333435363738393a3b3c3d3e3f',
  panelRandom: 'b0b1b2b3b4b5b6b7',
  deviceRandom: 'a0a1a2a3a4a5a6a7',
  enc: 'bf8dc2a8329acb8c67c6d0cd9a451682',
  mac1: '5e86c676603bdee2d8beafe178637332',
  mac2: '6fda86e857777e81132035758239172e',
  panelCryptogram: '26d3356e07762d262801fc8e6665a891',
  deviceCryptogram: 'fde5d2f428ec16312471ea3c02bd7796',
  firstMac: 'b2a30057eb98ba2229ec1f875662b524',
};

/** Clear frames: what they say, address, sequence, CRC or checksum, bytes without the mark. */
export const CLEAR: readonly (readonly [name: string, address: number, sequence: number, crc: boolean, body: unknown, hex: string])[] = [
  ['POLL', 0x65, 0, true, undefined, '5365080004606090'],
  ['ID', 0x65, 0, true, { kind: 0 }, '53650900046100d97a'],
  ['POLL', 0, 2, true, undefined, '53000800066089cc'],
  ['POLL', 0, 2, false, undefined, '53000700026044'],
  ['COMSET', 0, 2, true, { address: 1, baud: 9600 }, '53000d00066e0180250000ec7b'],
  ['COMSET', 0, 2, false, { address: 1, baud: 9600 }, '53000c00026e01802500008b'],
  ['COMSET', 0x7f, 0, true, { address: 0, baud: 9600 }, '537f0d00046e00802500006e38'],
  ['COMSET', 0x7f, 0, false, { address: 0, baud: 9600 }, '537f0c00006e00802500000f'],
  ['ID', 0, 0, true, { kind: 0 }, '53000900046100c066'],
  ['ID', 0, 0, false, { kind: 0 }, '5300080000610044'],
  ['CAP', 0, 2, true, { kind: 0 }, '53000900066200f35d'],
  ['ID', 0, 2, true, { kind: 0 }, '53000900066100a008'],
  [
    'OUT',
    0,
    2,
    true,
    [
      { output: 0, control: 3, timer: 100 },
      { output: 1, control: 6, timer: 120 },
    ],
    '53001000066800036400010678000b5b',
  ],
  ['MFG', 0, 2, true, { vendor: Buffer.from('010203', 'hex'), data: Buffer.from('0a0b0c', 'hex') }, '53000e0006800102030a0b0c6b14'],
];

/** Clear replies. */
export const REPLIES: readonly (readonly [name: string, address: number, sequence: number, crc: boolean, body: unknown, hex: string])[] = [
  ['ACK', 0x65, 1, false, undefined, '53e50700014080'],
  ['NAK', 0x65, 1, true, { error: 1, more: Buffer.alloc(0) }, '53e509000541010e8f'],
  ['ACK', 0, 1, true, undefined, '538008000540689f'],
  ['BUSY', 1, 0, true, undefined, '53810800047972a1'],
];

/** Secured commands of sequence 2 to address 0, under keys and a last code that are all zeros. */
export const SECURED: readonly (readonly [name: string, body: unknown, hex: string])[] = [
  ['POLL', undefined, '53000e000e0215604b32767773b6'],
  ['LSTAT', undefined, '53000e000e0215646f63246fd050'],
  ['ISTAT', undefined, '53000e000e021565460e3d4e2a6a'],
  ['OSTAT', undefined, '53000e000e02156662de0516124b'],
  ['ID', { kind: 0 }, '53001e000e021761d14eb7ad982cc5f9aa25318a7eaed6269ae995731983'],
  ['CAP', { kind: 0 }, '53001e000e021762d14eb7ad982cc5f9aa25318a7eaed6260f6a2aa73870'],
  ['COMSET', { address: 1, baud: 9600 }, '53001e000e02176eaca3c2ffe4d9e599cd771b8ef3d13f23faab634e0895'],
  [
    'OUT',
    [
      { output: 0, control: 3, timer: 100 },
      { output: 1, control: 6, timer: 120 },
    ],
    '53001e000e021768f7efa0d4764a4e29267596f216d8a9e8c5887608b908',
  ],
  ['MFG', { vendor: Buffer.from('010203', 'hex'), data: Buffer.from('0a0b0c', 'hex') }, '53001e000e021780c8670fcb60c025ba48154192a42bb8f3b978ffac1a91'],
  [
    'KEYSET',
    { kind: 1, length: 16, data: Buffer.from('00010203040506070001020304050607', 'hex') },
    '53002e000e021775f0ddec9a0ed8ce4c80baf5d55c18436f9189fd66c9f223dc041486d83357df986c1d4bc2b2f2',
  ],
  [
    'FILETRANSFER',
    { type: 3, total: 1000, offset: 10, length: 5, data: Buffer.from('0102030405', 'hex') },
    '53002e000e02177c927138dde009a3475367f82a2c9429700d2348a877b955096d8a24dd7188ac3c9a98d6c54aee',
  ],
];

/** The recorded session: address 1, its key, and the keys that follow from it. */
export const RECORDED = {
  key: '404142434445464748494a4b4c4d4e4f',
  enc: '3d07612a36ef8f65520c7840c074873d',
  mac1: 'cfc643c7691eec6f4b6f34c5ec5cde3c',
  mac2: '82163f6510f17c338bd8c56dbfb59d0e',
  handshake: [
    'ff530109000461006023',
    'ff5381140004450c0b0a9901040302010102038936',
    'ff530109000562000341',
    'ff5381290005460101040204020301000404020502010601010801000901000a00010d0001100200c77a',
    'ff530113000c031101760b3d722ccb13b559044c',
    'ff53812b000c031201760c0b9900040302013735e0ed13355ea5503c945e483570796b7a059bcb6a4098f00c',
    'ff53011b000d03130177b0c68c484118b6c22c1ded18f722dc734667',
    'ff53811b000d031401788bb17a1942bbac1111d044f906a22515ebb1',
  ],
  /** What a frame says, its data in clear, its bytes, its whole code. */
  frames: [
    ['POLL', '', 'ff53010e000e021560d422a4d94918', 'd422a4d9a9277be182f3c0ec4616b6db'],
    ['RAW', '000130000102030405ab', 'ff53811e000e0218509fec5fbb4c332cb7155192403d97ecb8de343d2e617a', 'de343d2e8c4776c6901964403099036d'],
    ['POLL', '', 'ff53010e000f0215607105cfefba8b', '7105cfefda4434655f9571fe161df945'],
    ['ACK', '', 'ff53810e000f021640fc7b2d7a3f46', 'fc7b2d7a6557a66ad59122c8c8df7e6d'],
    ['LED', '0000020303020132000105000100', 'ff53011e000d021769b46d2387b682b0cc82085948bf2e700552882c616c75', '52882c615cc198ca061646c5e1287af1'],
    ['ACK', '', 'ff53810e000d02164055ef1ae4148a', '55ef1ae450551c3df8ddd8f28ae455f9'],
    ['OUT', '00051e00', 'ff53011e000e021768c9535f4f4a012677ce27386e20ca72ff6111a06a03d9', '6111a06a4259b61cc2ba7b08a0733fa7'],
    ['ACK', '', 'ff53810e000e02164007d729489692', '07d72948ddb7e266bc2a3edd7fd67dfe'],
    ['OSTAT', '', 'ff53010e000f0215663771e2725c29', '3771e272bd1f04172eb69392239eb827'],
    ['OSTATR', '0100', 'ff538110000f02154a0100d59bdaa02490', 'd59bdaa02d6c03a7017320b7d69a04c9'],
    ['POLL', '', 'ff53010e000d021560a13f1821491a', 'a13f1821fae99e0744df1f7385f0c617'],
    ['ACK', '', 'ff53810e000d0216402e2a9726b38f', '2e2a9726d633f56515fb7af52a059472'],
  ],
} as const;

/** NIST SP 800-38A: its key, counting vector, and what comes of it. */
export const NIST = {
  key: '2b7e151628aed2a6abf7158809cf4f3c',
  iv: '000102030405060708090a0b0c0d0e0f',
  text: ['6bc1bee22e409f96e93d7e117393172a', 'ae2d8a571e03ac9c9eb76fac45af8e51', '30c81c46a35ce411e5fbc1191a0a52ef', 'f69f2445df4f9b17ad2b417be66c3710'].join(''),
  mac: '3ff1caa1681fac09120eca307586e1a7',
  padded15: 'c5311f3d23d086ea86f5ee7f85247b40',
  padded16: '7df76b0c1ab899b33e42f047b91b546fe2fe5bd6c1dfcdd19124f03e1a134d3b',
} as const;
