import type { ResolvedOptions } from '../../options.js';
import { connectionOf, cut, guard } from './connection.js';
import { library } from './library.js';

/** Most ms that leaving takes; after it the broker is left to find out. */
export const LEAVE_MS = 3_000;

/** Takes a member out of its group over a connection of its own: behind a join that waits for others, nothing is heard on the member's. */
export async function takeOut(options: ResolvedOptions, clientId: string, groupId: string, memberId: string): Promise<void> {
  const { Admin } = await library();
  const admin = guard(new Admin({ ...connectionOf(options, clientId), retries: 0 }));
  const timer = setTimeout(() => cut(admin), LEAVE_MS);
  try {
    await admin.removeMembersFromConsumerGroup({ groupId, members: [{ memberId }] });
  } finally {
    clearTimeout(timer);
    cut(admin);
  }
}
