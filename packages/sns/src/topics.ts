import { partitionOf } from '@omnibus/sqs';
import type { SnsClient } from './client.js';
import { snsError } from './errors.js';
import { isArn, topicName } from './names.js';

/** Where topics are: SNS is asked by ARN, which has the account in it. */
export interface Topics {
  /** Throws NO_ROUTE where it had to be looked up and was not there. With an account given nothing is looked up. */
  arn(address: string, isFifo: boolean): Promise<string>;
  /** The same, undefined where it is not there. */
  find(address: string, isFifo: boolean): Promise<string | undefined>;
  /** It is known to be there by now. */
  add(name: string, arn: string): void;
}

/** ARNs by the account's number where that is known, else by the list of the account's topics, kept. */
export function topics(client: SnsClient, accountId: string | undefined): Topics {
  const book = new Map<string, string>();
  let listing: Promise<void> | undefined;

  const list = async (): Promise<void> => {
    let next: string | undefined;
    do {
      const page = await client.topics('looking for topics', next);
      for (const arn of page.items) book.set(arn.slice(arn.lastIndexOf(':') + 1), arn);
      next = page.next;
    } while (next !== undefined);
  };
  const find = async (address: string, isFifo: boolean): Promise<string | undefined> => {
    const name = topicName(address, isFifo);
    if (isArn(address)) return address;
    if (accountId !== undefined) return `arn:${partitionOf(client.region)}:sns:${client.region}:${accountId}:${name}`;
    if (!book.has(name)) {
      listing ??= list().finally(() => {
        listing = undefined;
      });
      await listing;
    }
    return book.get(name);
  };
  return {
    find,
    async arn(address, isFifo) {
      const found = await find(address, isFifo);
      if (found !== undefined) return found;
      throw snsError('NO_ROUTE', `there is no topic '${topicName(address, isFifo)}': use provision: create, or make it`);
    },
    add: (name, arn) => void book.set(name, arn),
  };
}
