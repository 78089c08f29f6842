import type { Data } from '../../gateway/core/matrix.ts';

// domain.md 5.8, copied cell by cell: TEN LL BL GW CL OF DA SA AU PO.
export const TABLE = `
| Building, unit (facts) | R unit | CRU own | R bldg | RCU grid | RCU stn | RX stn | R dist | R all | R a | – |
| Unit filing, title proof | – | CRU own | – | R state grid | RX stn | RX stn | R a | – | R log | – |
| Safety commitment | R own | CRX own | R state | RC grid | RX stn | RX stn | R a | – | R log | – |
| Lease | R own | CRUD own | – | R dates grid | R stn | R case | a | – | – | – |
| Person identity (full number) | R own | m own (enters once) | – | m grid, enter | R stn | R reveal+reason | – | – | – | R request |
| Occupant list of unit | R own | R own m | count | R grid m | RU stn | R stn m | a ≥ 10 | – | – | – |
| Residence registration | CRU own | CRU own unit | – | CRU grid | RUX stn | RX stn | a | – | R log | R |
| Residence permit | CR own | – | – | C help | RUX stn | RX stn | a | – | R log | – |
| Credential | R own, block own | CRD own units | issue stub, bldg | R state | RD stn | R stn | a | R m | R log | – |
| Door/schedule/access list | – | RU own | R bldg | – | – | R stn | R a | RU all | R log | – |
| Remote unlock | own doors | own building main door, not unit | – | – | – | – | – | test door only | R log | – |
| Emergency open | – | main door own | main door | – | – | X stn main doors | X dist | – | R log | – |
| Visitor pass | CRD own | R count | – | – | – | R case | a | – | – | – |
| Access event, person level | R own | – | – | – | – | R purpose, case, ≤ 30 d | – | – | R log of reads | R request |
| Access event, unit counts | R own | last-use date after lease end | device state | a grid | a stn | R stn | a | health | – | – |
| Signals, case | R own, answer | R own (counts), answer | – | R assigned, visit | R stn | RX stn | X appeals, a | – | R | R |
| Watch list | – | – | – | – | – | R alarms named; create needs approver | approver | – | R a | R a |
| Hazard, rectification | C, R own | R, U own | C bldg | CRU grid | R stn | RX stn | a | – | R | – |
| Unit class, violation record | R own unit | R own, appeal | R colour | R grid | R stn | RX stn | RX rules | – | R | – |
| Work order, patrol | – | – | C hint | RU own | RX stn | RCX stn | RX dist | – | R | – |
| Service case, suggestion | CR own | CR own | CR bldg | CRU grid | RX stn | R | RX | – | R a | – |
| Bulletin, message, file store | R | R | CR bldg | R | CR stn | CR stn | CRX dist | – | R | – |
| Statistics | own | own | bldg | grid | stn | stn | dist | health | all a | all a |
| Users, roles, orgs | – | invite tenants/agents | – | – | – | – | CRU dist (not police) | CRU all, two-person | R | – |
| Rules, dictionaries | R | R | R | R | R | R | CRUX | RU tech | R | R |
| Import/export jobs | – | own occupants | – | – | CR stn | – | CRX | RU tech | R | R approve |
| Audit log | own reads | own reads of unit | – | own | own | own | a | R meta | R all | R all |
| Data request, impact assessment | C own | C own | – | – | R help | – | – | – | R | CRUX |
`;

/** Cells that say in words, or in words and letters, what they allow. */
export const VERBAL: Readonly<Record<string, string>> = {
  'm own (enters once)': 'CR',
  'm grid, enter': 'CR',
  count: 'R',
  a: 'R',
  'a ≥ 10': 'R',
  'R own, block own': 'RD',
  'issue stub, bldg': 'C',
  'own doors': 'X',
  'own building main door, not unit': 'X',
  'test door only': 'X',
  'main door own': 'X',
  'main door': 'X',
  'last-use date after lease end': 'R',
  'device state': 'R',
  'a grid': 'R',
  'a stn': 'R',
  health: 'R',
  'R own, answer': 'RU',
  'R own (counts), answer': 'RU',
  'R assigned, visit': 'RU',
  'X appeals, a': 'RX',
  'R alarms named; create needs approver': 'CR',
  approver: 'X',
  'C, R own': 'CR',
  'R, U own': 'RU',
  own: 'R',
  bldg: 'R',
  grid: 'R',
  stn: 'R',
  dist: 'R',
  'all a': 'R',
  'invite tenants/agents': 'C',
  'own occupants': 'CR',
  'R approve': 'RX',
  'own reads': 'R',
  'own reads of unit': 'R',
};

/** The rows of the code's matrix that stand for each row of the table. */
export const ROWS: Readonly<Record<string, readonly Data[]>> = {
  'Building, unit (facts)': ['building'],
  'Unit filing, title proof': ['filing'],
  'Safety commitment': ['commitment'],
  Lease: ['tenancy'],
  'Person identity (full number)': ['identity'],
  'Occupant list of unit': ['occupants'],
  'Residence registration': ['registration'],
  'Residence permit': ['permit'],
  Credential: ['credential'],
  'Door/schedule/access list': ['door'],
  'Remote unlock': ['remoteUnlock'],
  'Emergency open': ['emergencyOpen'],
  'Visitor pass': ['visitorPass'],
  'Access event, person level': ['personEntries'],
  'Access event, unit counts': ['unitCounts'],
  'Signals, case': ['cases'],
  'Watch list': ['watchList'],
  'Hazard, rectification': ['hazard'],
  'Unit class, violation record': ['unitClass'],
  'Work order, patrol': ['workOrder'],
  'Service case, suggestion': ['serviceCase'],
  'Bulletin, message, file store': ['bulletin'],
  Statistics: ['statistics'],
  'Users, roles, orgs': ['account', 'org'],
  'Rules, dictionaries': ['rule'],
  'Import/export jobs': ['exchange'],
  'Audit log': ['auditLog'],
  'Data request, impact assessment': ['dataRequest', 'assessment'],
};

/** `row role: table → code`, each with its reason in docs/decisions/0016. */
export const DIFFERENCES: readonly string[] = [
  // On a new site he is the only account there is.
  'building SA: R → CRU',
  // The command line acts as him (decision 11).
  'exchange SA: RU → CRU',
  // Whoever may ask for his data may see how his request stands, and what came of it.
  'dataRequest TEN: C → CR',
  'dataRequest LL: C → CR',
  // A clerk helps somebody without a phone to ask, and takes the request further.
  'dataRequest CL: R → CRU',
  // One row of the table is two of ours: nobody asks for an impact assessment.
  'assessment TEN: C → –',
  'assessment LL: C → –',
  'assessment CL: R → –',
  // Inviting makes an account, never an office.
  'org LL: C → –',
];

/** Rows the table has none for: one's own account, the ledger without persons (design.md 9), the machinery, and what needs no account. */
export const OWN: readonly string[] = [
  ...['session', 'password', 'secondFactor', 'accessToken', 'cardPin', 'ledger', 'purpose', 'latePurpose', 'pendingAct', 'lookUps', 'breakGlass', 'retention', 'notice', 'consent'],
  ...['doorAlarm', 'lockdown', 'workGrant', 'moveOut', 'serialLine', 'outbox', 'key', 'machinery', 'logProof', 'demo', 'health', 'document', 'console', 'signIn', 'certificate'],
];
