import type { Role } from '../core/roles.ts';

/** Logins of the demo's accounts, one for each role. They have no password, so nobody signs in to them, and are worth nothing on a real site. */
export const DEMO_LOGINS: Readonly<Record<Role, string>> = {
  TEN: 'demo-tenant',
  LL: 'demo-landlord',
  BL: 'demo-leader',
  GW: 'demo-grid-worker',
  CL: 'demo-clerk',
  OF: 'demo-officer',
  DA: 'demo-district',
  SA: 'demo-operator',
  AU: 'demo-auditor',
  PO: 'demo-privacy',
};
