import { REBALANCE_MS } from './deadline.js';
import { kafkaError } from './errors.js';
import type { ResolvedOptions } from './options.js';

/** Ms that are left for joining, once a drain has taken all of its time. */
const REJOIN_MS = 5_000;

/** As Kafka has it for names of topics, which its own clients apply to names of members. */
const NAME = /^(?!\.{1,2}$)[\w.-]{1,249}$/;

/** Throws CONFIG for options that do not fit each other, or the client. */
export function checkOptions({ client, heartbeatMs, sessionTimeoutMs, drainMs, instanceId }: ResolvedOptions): void {
  if (heartbeatMs >= sessionTimeoutMs) {
    const why = `heartbeatMs (${heartbeatMs}) has to be less than sessionTimeoutMs (${sessionTimeoutMs}), a third of it at best`;
    throw kafkaError('CONFIG', why);
  }
  if (instanceId !== undefined) {
    if (client !== 'platformatic') {
      const why = `instanceId ('${instanceId}') is nothing that client: ${client} can do: its members have no names that outlast them`;
      throw kafkaError('CONFIG', `${why}; use client: platformatic, or leave instanceId out`);
    }
    if (!NAME.test(instanceId))
      throw kafkaError('CONFIG', `instanceId ('${instanceId}') has to be 1 to 249 letters, digits, '.', '_' and '-'`);
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
