import type { Drift, Topology } from '../transport/channel.js';
import { MessagingError } from '../transport/errors.js';
import type { Transport } from '../transport/transport.js';

/** `create`: what is missing is made. `verify`: what is missing is an error. `assume`: nothing is asked. */
export type ProvisionMode = 'create' | 'verify' | 'assume';

/**
 * Makes or checks what the application needs on one transport. Nothing that exists is ever changed or deleted.
 * @throws MessagingError TOPOLOGY with every difference, unless the broker only cannot tell.
 */
export async function provision(name: string, transport: Transport, topology: Topology, mode: ProvisionMode): Promise<void> {
  if (mode === 'assume') return;
  const drift = (await transport.provision(topology, mode)).filter(({ found }) => found !== 'unreadable');
  if (drift.length === 0) return;
  const lines = drift.map(({ object, property, wanted, found }) => `- ${object}: ${property} is ${found}, wanted ${wanted}`);
  throw new MessagingError(
    'TOPOLOGY',
    `What stands on transport "${name}" (${transport.system}) is not what the app needs:\n${lines.join('\n')}\n${remedy(drift, mode)}`,
  );
}

function remedy(drift: readonly Drift[], mode: 'create' | 'verify'): string {
  if (mode === 'verify' && drift.every(({ found }) => found === 'missing'))
    return 'Make what is missing, or let the app do it with provision: create.';
  return 'Nothing was changed. Change the object or the configuration so that they agree, or take it as it is with provision: assume.';
}
