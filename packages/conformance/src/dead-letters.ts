import type { Channel } from '@omnibus/core';
import type { ChannelKind, Delivery } from '@omnibus/core/transport';
import { type Note, once } from './messages.js';
import type { Journal, Run } from './world/journal.js';
import type { ServiceOptions, World } from './world/world.js';

/** What the header `omnibus-dead` says. */
interface Death {
  readonly reason: string;
  readonly error?: string;
  readonly attempts: number;
  readonly channel: string;
  readonly group?: string;
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
  /** Earlier deaths, newest first. */
  readonly history?: readonly Death[];
}

/** A dead letter, as a consumer of the dead-letter channel gets it. */
export interface DeadLetter extends Run<{ readonly n: number }> {
  readonly delivery: Delivery;
  readonly death: Death;
}

/** Starts a service that reads the dead-letter channel of a channel, and writes down what died; what did not, it takes away. */
export async function deadLetters(
  world: World,
  of: Channel<ChannelKind, string, typeof Note>,
  { group, config = {} }: { readonly group?: string | undefined; readonly config?: ServiceOptions['config'] } = {},
): Promise<Journal<DeadLetter>> {
  const Dead = world.deadLetters(of, group);
  const service = await world.service({ config });
  const letters = world.journal<DeadLetter>(`the number of dead letters of ${of.name}`);
  const seen = world.deliveries(Dead);
  service.consumer(Dead, { retry: once }).handle(Dead.messages[0]!, (payload, context) => {
    const { delivery } = seen.all.findLast((each) => each.delivery.id === context.id)!;
    const { 'omnibus-dead': story } = delivery.headers;
    if (story !== undefined) letters.add({ payload, context, delivery, death: JSON.parse(story) as Death });
  });
  await world.start(service);
  return letters;
}
