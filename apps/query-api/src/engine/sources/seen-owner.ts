import { isAtLeast } from '@mooring/engine';
import type { Principal } from '@mooring/engine';
import type { SessionOwner } from '@mooring/session-store';

/** Whose rows the principal may see: a dba the tenant's, others their own. */
export function seenOwner({ tenantId, userId, role }: Principal): SessionOwner {
  return isAtLeast(role, 'dba') ? { tenantId } : { tenantId, subjectId: userId };
}
