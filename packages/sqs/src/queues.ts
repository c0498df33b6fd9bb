import { isMessagingError } from '@omnibus/core/transport';
import type { SqsClient } from './client.js';
import { sqsError } from './errors.js';
import { queueName } from './names.js';

/** A queue that is there. */
export interface Queue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
}

/** The queues that are known to be there, so that each is asked for once. */
export interface Queues {
  /** Throws NOT_FOUND where there is none. */
  find(address: string, isFifo: boolean): Promise<Queue>;
  /** It is known to be there by now. */
  add(name: string, url: string): Queue;
  known(name: string): Queue | undefined;
  /** One of them, to ask SQS for; undefined where none is known. */
  any(): Queue | undefined;
  /** It may be gone: it is asked for again. */
  forget(name: string): void;
}

/** An empty book of queues. */
export function queues(client: SqsClient): Queues {
  const book = new Map<string, Queue>();
  const add = (name: string, url: string): Queue => {
    const queue: Queue = Object.freeze({ name, url, arn: arnOf(name, url, client.region) });
    book.set(name, queue);
    return queue;
  };
  return {
    add,
    known: (name) => book.get(name),
    any: () => book.values().next().value,
    forget: (name) => void book.delete(name),
    async find(address, isFifo) {
      const name = queueName(address, isFifo);
      const found = book.get(name);
      if (found !== undefined) return found;
      const url = await urlOf(client, name);
      if (url !== undefined) return add(name, url);
      throw sqsError('NOT_FOUND', `there is no queue '${name}': provision it, or start its consumer first`);
    },
  };
}

/** The URL of a queue; undefined where there is none. */
export async function urlOf(client: SqsClient, name: string): Promise<string | undefined> {
  try {
    const { QueueUrl } = await client.getQueueUrl(`looking for queue '${name}'`, { QueueName: name });
    return QueueUrl;
  } catch (error) {
    if (isMessagingError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/** The partition of AWS that a region is in. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** A queue's ARN out of its URL, which ends with `/account/name`. */
function arnOf(name: string, url: string, region: string): string {
  const account = new URL(url).pathname.split('/').at(-2) ?? '';
  return `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
}
