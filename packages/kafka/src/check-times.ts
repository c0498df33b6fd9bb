import { REBALANCE_MS } from './deadline.js';
import { kafkaError } from './errors.js';
import type { ResolvedOptions } from './options.js';

/** Ms that are left for joining, once a drain has taken all of its time. */
const REJOIN_MS = 5_000;

/** Throws CONFIG for times that do not fit each other, or the client. */
export function checkTimes({ client, heartbeatMs, sessionTimeoutMs, drainMs }: ResolvedOptions): void {
  if (heartbeatMs >= sessionTimeoutMs) {
    const why = `heartbeatMs (${heartbeatMs}) has to be less than sessionTimeoutMs (${sessionTimeoutMs}), a third of it at best`;
    throw kafkaError('CONFIG', why);
  }
  if (drainMs === 0) return;
  if (client !== 'platformatic') {
    const why = `drainMs (${drainMs}) is nothing that client: ${client} can do: it joins its group anew without waiting for what runs`;
    throw kafkaError('CONFIG', `${why}; use client: platformatic, or leave drainMs out`);
  }
  const most = REBALANCE_MS - heartbeatMs - REJOIN_MS;
  if (drainMs <= most) return;
  const why = `a group waits ${REBALANCE_MS} ms for its members, who hear of it within heartbeatMs (${heartbeatMs}) and need ${REJOIN_MS} ms to join`;
  throw kafkaError('CONFIG', `drainMs (${drainMs}) may be ${Math.max(0, most)} at most: ${why}`);
}
