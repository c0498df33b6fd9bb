import { rabbitMqError } from './errors.js';
import type { Link } from './link.js';
import type { ResolvedOptions } from './options.js';

/** RabbitMQ 3.10 brought at-least-once dead-lettering to quorum queues: the wait queues and the backstop lose nothing by it. */
const NEEDED = [3, 10] as const;

/** Throws CAPABILITY where the broker is too old for what the options promise. Other products than RabbitMQ are taken at their word. */
export function checkServer({ server, where }: Pick<Link, 'server' | 'where'>, { queueType, delay }: ResolvedOptions): void {
  const { product, version } = server;
  const [major = 0, minor = 0] = String(version).split('.').map(Number);
  const isNew = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
  if (product !== 'RabbitMQ' || isNew || (queueType === 'classic' && !delay)) return;
  const why = `${where} is RabbitMQ ${String(version)}, and quorum queues and delays need ${NEEDED.join('.')} or newer`;
  throw rabbitMqError('CAPABILITY', `${why}. Upgrade it, or set queueType: classic and delay: false`);
}
