/** Items of the navigation; each has an icon and a word (`nav.*`). */
export type NavName =
  | 'home'
  | 'rooms'
  | 'ledger'
  | 'tray'
  | 'import'
  | 'review'
  | 'search'
  | 'people'
  | 'offices'
  | 'approvals'
  | 'audit'
  | 'receipts'
  | 'requests'
  | 'retention'
  | 'notices'
  | 'outbox'
  | 'more';
