import { partitionOf } from '@omnibus/sqs';
import type { SnsClient } from './client.js';
import { snsError } from './errors.js';
import { isArn, topicName } from './names.js';

/** Where topics are: SNS is asked by ARN, which has the account in it. With an account given nothing is ever looked up. */
export interface Topics {
  /** For who sends: looked up anew where it is not known. Throws NO_ROUTE where there is none. */
  arn(address: string, isFifo: boolean): Promise<string>;
  /** As far as it is known since the last look; undefined where it was not there. */
  find(address: string, isFifo: boolean): Promise<string | undefined>;
  /** The next that is not known is looked up. */
  refresh(): void;
  /** It is known to be there by now. */
  add(name: string, arn: string): void;
}

/** ARNs by the account's number where that is known, else by the list of the account's topics, which is read as a whole. */
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
  const refresh = (): void => {
    listing = undefined;
  };
  /** One list for all that ask meanwhile; one that failed is no list. */
  const listed = (): Promise<void> => {
    listing ??= list().catch((error: unknown) => {
      refresh();
      throw error;
    });
    return listing;
  };
  const find = async (address: string, isFifo: boolean): Promise<string | undefined> => {
    const name = topicName(address, isFifo);
    if (isArn(address)) return address;
    if (accountId !== undefined) return `arn:${partitionOf(client.region)}:sns:${client.region}:${accountId}:${name}`;
    if (!book.has(name)) await listed();
    return book.get(name);
  };
  return {
    find,
    refresh,
    async arn(address, isFifo) {
      let found = await find(address, isFifo);
      if (found === undefined) {
        refresh(); // it may have been made since
        found = await find(address, isFifo);
      }
      if (found !== undefined) return found;
      throw snsError('NO_ROUTE', `there is no topic '${topicName(address, isFifo)}': use provision: create, or make it`);
    },
    add: (name, arn) => void book.set(name, arn),
  };
}
