import { describe, expect, it } from 'vitest';
import type { SqsClient } from '../src/client.js';
import { startMessageMove } from '../src/index.js';

/** Stands for StartMessageMoveTask where only the call itself is of interest; what it does is tried on ElasticMQ. */
function fake() {
  const tasks: object[] = [];
  let open = 0;
  const client: Partial<SqsClient> = {
    region: 'eu-west-1',
    getQueueUrl: async (_, { QueueName }) => ({ QueueUrl: `https://sqs.eu-west-1.amazonaws.com/123456789012/${QueueName}` }),
    async startMessageMoveTask(_, input) {
      tasks.push(input);
      return { TaskHandle: 'handle' };
    },
    close: () => void open--,
  };
  return {
    tasks,
    open: async () => {
      open++;
      return client as SqsClient;
    },
    get left() {
      return open;
    },
  };
}

describe("SQS's own move of dead letters", () => {
  it('always names where to, and a rate', async () => {
    const aws = fake();
    expect(await startMessageMove({ from: 'orders.dead', to: 'orders' }, aws.open)).toBe('handle');
    expect(await startMessageMove({ from: 'orders.dead', to: 'orders', ordered: true, ratePerSecond: 10 }, aws.open)).toBe(
      'handle',
    );
    const arn = 'arn:aws:sqs:eu-west-1:123456789012';
    expect(aws.tasks).toEqual([
      { SourceArn: `${arn}:orders--dead`, DestinationArn: `${arn}:orders`, MaxNumberOfMessagesPerSecond: 500 },
      { SourceArn: `${arn}:orders--dead.fifo`, DestinationArn: `${arn}:orders.fifo`, MaxNumberOfMessagesPerSecond: 10 },
    ]);
    expect(aws.left).toBe(0);
  });

  it('refuses a rate that SQS has not', async () => {
    const aws = fake();
    for (const ratePerSecond of [0, 501, 1.5])
      await expect(startMessageMove({ from: 'a.dead', to: 'a', ratePerSecond }, aws.open)).rejects.toMatchObject({
        code: 'INVALID',
      });
    expect(aws.tasks).toEqual([]);
  });
});
