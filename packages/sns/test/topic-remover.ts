import { DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Aws } from '@omnibus/brokers';
import { queueName } from '@omnibus/sqs';

const ACCOUNT = '000000000000'; // the emulator's only one

/** Takes away topics that a suite made, by a plain client. */
export function topicRemover({ url: endpoint, region, credentials }: Pick<Aws, 'url' | 'region' | 'credentials'>) {
  const client = new SNSClient({ endpoint, region, credentials: { ...credentials } });
  return {
    /** Standard and FIFO; one that is not there is removed already. */
    async remove(address: string): Promise<void> {
      for (const isFifo of [false, true]) {
        const TopicArn = `arn:aws:sns:${region}:${ACCOUNT}:${queueName(address, isFifo)}`;
        await client.send(new DeleteTopicCommand({ TopicArn })).catch(() => undefined);
      }
    },
    close: () => client.destroy(),
  };
}
