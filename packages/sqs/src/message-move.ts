import { systemClock } from '@omnibus/core/transport';
import { openClient } from './client.js';
import { sqsError } from './errors.js';
import { queueName } from './names.js';
import { type AwsOptions, DEFAULTS } from './options.js';
import { queues } from './queues.js';
import type { OpenClient } from './sqs.js';

/** What SQS is to move. */
export interface MessageMove extends AwsOptions {
  /** Address of the dead-letter queue. */
  readonly from: string;
  /** Address of the queue that its messages go to. */
  readonly to: string;
  /** Whether both are FIFO queues. Default: false. */
  readonly ordered?: boolean;
  /** Messages a second, 1 to 500. Default: 500, the most that SQS moves. */
  readonly ratePerSecond?: number;
}

/** Most messages a second that SQS moves (API reference, StartMessageMoveTask). */
const MOST_PER_SECOND = 500;

/**
 * Lets SQS itself move dead letters back (StartMessageMoveTask), in the place of `app.redrive`, which moves them through the
 * application. SQS moves all that is there, what dies again meanwhile too; messages stay as they are, with their `omnibus-dead` and their
 * count of receives. SQS does so only where a redrive policy names `from`: those of the backstops do. One move at a time for each `from`.
 * Needs `sqs:StartMessageMoveTask`, `sqs:ReceiveMessage`, `sqs:DeleteMessage` on the one and `sqs:SendMessage` on the other. Gives the
 * task's handle. Throws INVALID for a rate beyond SQS's, NOT_FOUND for a queue that is missing, DENIED.
 */
export async function startMessageMove(move: MessageMove, open: OpenClient = openClient): Promise<string | undefined> {
  const { from, to, ordered = false, ratePerSecond = MOST_PER_SECOND } = move;
  const where = `moving messages from queue '${queueName(from, ordered)}' to '${queueName(to, ordered)}'`;
  if (!Number.isInteger(ratePerSecond) || ratePerSecond < 1 || ratePerSecond > MOST_PER_SECOND)
    throw sqsError('INVALID', `${where}: ratePerSecond is ${ratePerSecond}, and SQS takes 1 to ${MOST_PER_SECOND}`);
  const client = await open({ ...DEFAULTS, ...move }, systemClock);
  try {
    const book = queues(client);
    const [source, target] = [await book.find(from, ordered), await book.find(to, ordered)];
    const { TaskHandle } = await client.startMessageMoveTask(where, {
      SourceArn: source.arn,
      DestinationArn: target.arn,
      MaxNumberOfMessagesPerSecond: ratePerSecond,
    });
    return TaskHandle;
  } finally {
    client.close();
  }
}
