import { channel, subscription, topology, unique } from '@omnibus/brokers/seam-objects';
import type { Channel, Subscription } from '@omnibus/core/transport';
import { queueName } from '@omnibus/sqs';

const TYPES = ['order.placed', 'order.paid'];

/** A topic with a group that handles `types`, and the names of what it is made of. */
export function orders(facts: Partial<Channel> = {}, group: Partial<Subscription> = {}) {
  const topic = channel('topic', unique('orders'), { types: TYPES, ...facts });
  const shipping = subscription(topic, {
    group: 'shipping',
    deadLetter: channel('queue', `${topic.address}.shipping.dead`),
    ...group,
  });
  const name = (address: string): string => queueName(address, topic.ordered);
  const of = { topic: name(topic.address), queue: name(shipping.address), dead: name(`${shipping.address}.dead`) };
  return { topic, shipping, of, all: topology(shipping) };
}
