import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, type Message, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Aws } from '../../src/aws.js';
import { AwsFaultProxy } from '../../src/aws-fault-proxy.js';
import type { Shared } from '../../src/shared.js';

/** A fault proxy in front of an AWS, and clients of it; one attempt, so that a failure is seen. */
export class AwsBench {
  proxy!: AwsFaultProxy;
  sqs!: SQSClient;
  sns!: SNSClient;
  s3!: S3Client;

  /** Sets it up for the suite that calls this; the proxy is healed and its counts are reset after every test. */
  static inFrontOf(aws: Shared<Aws>): AwsBench {
    const bench = new AwsBench();
    beforeAll(async () => {
      bench.proxy = await AwsFaultProxy.inFrontOf(aws.url);
      const settings = { endpoint: bench.proxy.url, region: aws.region, credentials: aws.credentials, maxAttempts: 1 };
      bench.sqs = new SQSClient(settings);
      bench.sns = new SNSClient(settings);
      bench.s3 = new S3Client({ ...settings, forcePathStyle: true });
    });
    afterEach(() => {
      bench.proxy.heal();
      bench.proxy.resetCounts();
    });
    afterAll(async () => {
      for (const client of [bench.sqs, bench.sns, bench.s3]) client.destroy();
      await bench.proxy.close();
      await bench.proxy.close(); // a second time is no error
    });
    return bench;
  }

  /** A queue `proxied-<name>`, and what sends to it and receives from it. */
  async queue(name: string) {
    const QueueUrl = (await this.sqs.send(new CreateQueueCommand({ QueueName: `proxied-${name}` }))).QueueUrl!;
    return {
      QueueUrl,
      send: (MessageBody: string) => this.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody })),
      receive: async (): Promise<readonly Message[]> =>
        (await this.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages ?? [],
    };
  }
}

/** What work fails with. */
export const failure = (work: Promise<unknown>): Promise<Record<string, unknown>> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as Record<string, unknown>,
  );
