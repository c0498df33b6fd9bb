import { type App, type Config, message, type QueueConsumerOptions, queue, topic } from '@omnibus/core';
import type { Sample } from './counts.js';

/** A schema by hand, so that the kit depends on none. */
const sample = {
  '~standard': {
    version: 1,
    vendor: 'omnibus',
    validate: (value: unknown) => {
      const { id, key, n } = (value ?? {}) as Partial<Record<keyof Sample, unknown>>;
      if (typeof id === 'string' && typeof key === 'string' && typeof n === 'number') return { value: { id, key, n } };
      return { issues: [{ message: 'not a sample' }] };
    },
    types: undefined as { readonly input: Sample; readonly output: Sample } | undefined,
  },
} as const;

export const Work = message('work', sample);

/** What the channel of a run is. `ordered`: its keys keep their order. */
export interface Shape {
  readonly kind: 'queue' | 'topic';
  readonly ordered: boolean;
}

type WorkQueue = ReturnType<typeof queueOf>;
type ConsumeOptions = Pick<QueueConsumerOptions, 'concurrency' | 'retry' | 'idempotency'>;

/** The channel of one run, and its only consumers: those of the queue, or of one group on the topic. */
export interface WorkChannel {
  readonly shape: Shape;
  readonly channel: WorkQueue;
  /** Where its messages wait, and where dead ones stand, by their addresses. */
  readonly address: string;
  readonly dead: string;
  /** What a service's configuration says, so that the group is there before its first consumer. */
  readonly channels: NonNullable<Config['channels']>;
  consume(app: App, options: ConsumeOptions, handler: (sample: Sample) => Promise<void>): void;
}

const GROUP = 'workers';

const queueOf = (name: string, ordered: boolean) => queue(name, { messages: [Work], key: ({ key }) => key, ordered });
const topicOf = (name: string, ordered: boolean) => topic(name, { messages: [Work], key: ({ key }) => key, ordered });

export function workChannel(name: string, shape: Shape): WorkChannel {
  const { kind, ordered } = shape;
  if (kind === 'queue') {
    const channel = queueOf(name, ordered);
    const consume: WorkChannel['consume'] = (app, options, handler) => void app.consumer(channel, options).handle(Work, handler);
    return { shape, channel, address: name, dead: `${name}.dead`, channels: {}, consume };
  }
  const channel = topicOf(name, ordered);
  const address = `${name}.${GROUP}`;
  return {
    shape,
    channel: channel as never, // a producer of a topic is used like that of a queue
    address,
    dead: `${address}.dead`,
    channels: { [name]: { groups: { [GROUP]: {} } } },
    consume: (app, options, handler) => void app.consumer(channel, { ...options, group: GROUP }).handle(Work, handler),
  };
}
