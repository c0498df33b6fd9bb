import { queueName } from '@omnibus/sqs';
import { snsError } from './errors.js';

/*
 * A topic's name is made of its address as a queue's is: as it stands where it has letters, digits, `_` and single `-` only, and ends
 * with `.fifo` where the channel is ordered. An address may also be a topic's ARN, of this account or another's.
 */

const ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:([A-Za-z0-9_-]{1,256}(?:\.fifo)?)$/;

/** Whether the address is a topic's ARN. */
export const isArn = (address: string): boolean => address.startsWith('arn:');

/** The topic's name for an address. Throws TOPOLOGY, naming the address, where SNS has no such name. */
export function topicName(address: string, isFifo: boolean): string {
  if (!isArn(address)) return queueName(address, isFifo);
  const name = ARN.exec(address)?.[1];
  if (name === undefined)
    throw snsError('TOPOLOGY', `the address '${address}' is not the ARN of an SNS topic: arn:aws:sns:<region>:<account>:<name>`);
  if (name.endsWith('.fifo') === isFifo) return name;
  const fix = isFifo
    ? 'an ordered channel needs a FIFO topic, whose name ends with .fifo'
    : 'declare the channel ordered, or name a standard topic';
  throw snsError('TOPOLOGY', `the topic '${address}' is ${isFifo ? 'a standard topic' : 'a FIFO topic'}: ${fix}`);
}
