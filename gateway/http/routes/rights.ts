import { assessmentRoutes } from './assessments.ts';
import { holdRoutes } from './holds.ts';
import { noticeRoutes } from './notices.ts';
import { ownRequestRoutes } from './own-requests.ts';
import { requestRoutes } from './requests.ts';
import { retentionRoutes } from './retention.ts';

/** Retention and people's rights, for the app to register in one line. */
export const RIGHTS_ROUTES = [ownRequestRoutes, requestRoutes, retentionRoutes, holdRoutes, noticeRoutes, assessmentRoutes] as const;
