/**
 * Messages of esp-rfid boards as public pages show them, with the page each is from. Where a page writes a
 * placeholder ("token UID", 192.168.1.xxx) a value of the same form stands here.
 */
const MQTT_2 = 'https://github.com/esprfid/esp-rfid/blob/d16a310ba3e6339a4fa9446b088ce27cc8a6be80/README-MQTT.md';
const MQTT_1 = 'https://github.com/esprfid/esp-rfid/blob/86e127db09e2c045686c86a7f5ba9ca85df92af1/README-ADDON.md';
const MARELAB = 'https://github.com/marelab/esp-rfid/tree/f6b7ff793bf4ab41d1c53b4aa4c1c7f6e31be29a';
const ISSUE_407 = 'https://github.com/esprfid/esp-rfid/issues/407';

interface Example {
  readonly from: string;
  readonly text: string;
  readonly read: object;
}

const head = '"ip":"192.168.1.50","hostname":"esp-rfid"';
const event = (type: string, src: string, desc: string): string =>
  `{"type":"${type}","src":"${src}","desc":"${desc}","data":"","time":1605991375,"cmd":"event","hostname":"esp-rfid"}`;

export const EXAMPLES: readonly Example[] = [
  { from: `${MQTT_2} Boot`, text: `{"type":"boot","time":1605987212,"uptime":0,${head}}`, read: { k: 'alive', boot: true, time: 1605987212, ip: '192.168.1.50' } },
  { from: `${MQTT_2} Heartbeat`, text: `{"type":"heartbeat","time":1605991375,"uptime":999,${head}}`, read: { k: 'alive', boot: false, time: 1605991375, ip: '192.168.1.50' } },
  {
    from: `${MARELAB} boot of firmware 1`,
    text: '{"type":"boot","time":1605987212,"Wifi SSID":"home","Local IP":"192.168.1.50"}',
    read: { k: 'alive', boot: true, time: 1605987212, ip: '192.168.1.50' },
  },
  {
    from: `${ISSUE_407} heartbeat on TOPIC/sync`,
    text: '{"type":"heartbeat","time":1605991375,"ip":"192.168.1.50","door":"esp-rfid"}',
    read: { k: 'alive', boot: false, time: 1605991375, ip: '192.168.1.50' },
  },
  { from: 'esp-rfid 0.8 to 1.0, so spelled', text: '{"type":"hearthbeat","time":1605991375}', read: { k: 'alive', boot: false, time: 1605991375, ip: '' } },
  {
    from: `${MQTT_2} Publish Access`,
    text: '{"type":"access","time":1605991375,"isKnown":"true","access":"Always","username":"c17","uid":"1bec07ec","hostname":"esp-rfid","doorName":"door"}',
    read: { k: 'access', time: 1605991375, known: true, access: 'Always', user: 'c17', uid: '1bec07ec' },
  },
  {
    from: `${MARELAB} access of firmware 1, events on`,
    text: '{"cmd":"log","type":"access","time":1605991375,"isKnown":"true","access":"Expired","username":"c17","uid":"1bec7ec","door":"esp-rfid"}',
    read: { k: 'access', time: 1605991375, known: true, access: 'Expired', user: 'c17', uid: '1bec7ec' },
  },
  {
    from: `${MQTT_2} not in the users list`,
    text: '{"type":"access","time":1605991375,"isKnown":"false","access":"Denied","username":"Unknown","uid":"22d3dad6","hostname":"esp-rfid"}',
    read: { k: 'access', time: 1605991375, known: false, access: 'Denied', user: 'Unknown', uid: '22d3dad6' },
  },
  {
    from: `${MQTT_2} multiple doors`,
    text: '{"type":"access","time":1605991375,"isKnown":"true","access":["Always","Disabled"],"username":"c17","uid":"1bec07ec","hostname":"esp-rfid","doorName":["door 1","door 2"]}',
    read: { k: 'access', time: 1605991375, known: true, access: 'Always', user: 'c17', uid: '1bec07ec' },
  },
  { from: `${MQTT_2} unknown tag, which comes besides "access"`, text: event('WARN', 'rfid', 'Unknown rfid tag is scanned'), read: { k: 'other' } },
  {
    from: `${MQTT_2} Get all the users`,
    text: '{"command":"userfile","uid":"1234","user":"User Name","acctype":1,"acctype2":null,"acctype3":null,"acctype4":null,"validsince":0,"validuntil":1608336000}',
    read: { k: 'user', uid: '1234', user: 'User Name', kind: 1, until: 1608336000 },
  },
  {
    from: `${MARELAB} a user kept as the command that made it`,
    text: '{"cmd":"adduser","doorip":"192.168.1.50","uid":"1234","user":"c17","acctype":"1","validsince":"0","validuntil":"1608466200"}',
    read: { k: 'user', uid: '1234', user: 'c17', kind: 1, until: 1608466200 },
  },
  { from: `${MQTT_2} Add user`, text: `{"type":"adduser",${head}}`, read: { k: 'ack', of: 'adduser' } },
  { from: `${MQTT_2} Delete user`, text: `{"type":"deletuid",${head}}`, read: { k: 'ack', of: 'deletuid' } },
  { from: `${MQTT_2} Delete all users`, text: `{"type":"deletusers",${head}}`, read: { k: 'ack', of: 'deletusers' } },
  { from: `${MQTT_2} Door status`, text: event('INFO', 'door', 'Door Open'), read: { k: 'event', what: 'opened', time: 1605991375 } },
  { from: `${MQTT_2} Door status`, text: event('INFO', 'door', 'Door Closed'), read: { k: 'event', what: 'closed', time: 1605991375 } },
  { from: `${MQTT_2} Tamper status`, text: event('WARN', 'tamper', 'Door was tampered!'), read: { k: 'event', what: 'tamper', time: 1605991375 } },
  { from: `${MQTT_2} Tamper status`, text: event('WARN', 'tamper', "Door wasn't closed within max open time!"), read: { k: 'event', what: 'held', time: 1605991375 } },
  { from: `${MQTT_2} MQTT status`, text: event('ERRO', 'mqtt', 'Dropping MQTT message, out of memory'), read: { k: 'dropped' } },
  { from: `${MQTT_2} Doorbell`, text: event('INFO', 'doorbell', 'Doorbell ringing'), read: { k: 'other' } },
  { from: `${MQTT_2} Get configuration`, text: `{"type":"getconf",${head},"configfile":{}}`, read: { k: 'other' } },
];

/** Commands as the pages write them, for a board at 192.168.1.50. */
export const COMMANDS = [
  {
    from: `${MQTT_2} Add user`,
    text: '{"cmd":"adduser","doorip":"192.168.1.50","uid":"1bec07ec","user":"c17","acctype":"1","validsince":"0","validuntil":"1608466200"}',
    command: { cmd: 'adduser', uid: '1bec07ec', user: 'c17', acctype: 1, until: 1608466200 },
  },
  { from: `${MQTT_2} Delete user`, text: '{"cmd":"deletuid","doorip":"192.168.1.50","uid":"1bec07ec"}', command: { cmd: 'deletuid', uid: '1bec07ec' } },
  { from: `${MQTT_2} Delete all users`, text: '{"cmd":"deletusers","doorip":"192.168.1.50"}', command: { cmd: 'deletusers' } },
  { from: `${MQTT_2} Get all the users`, text: '{"cmd":"getuserlist","doorip":"192.168.1.50"}', command: { cmd: 'getuserlist' } },
  { from: `${MQTT_1} getuser`, text: '{"cmd":"getuser","doorip":"192.168.1.50"}', command: { cmd: 'getuser' } },
  { from: `${MQTT_2} Open door`, text: '{"cmd":"opendoor","doorip":"192.168.1.50"}', command: { cmd: 'opendoor' } },
] as const;
