import type { RabbitMq } from '@omnibus/brokers';
import type { Controls } from '@omnibus/conformance';
import { type ChannelModel, connect } from 'amqplib';
import { rabbitmq } from '../src/index.js';

/** How long a broker of ours lets a delivery wait for its ack: longer than any scenario but that of the timeout holds one. */
export const CONSUMER_TIMEOUT_MS = 15_000;

/**
 * What the suite may do to a RabbitMQ besides using the transport: by a plain client of our own, and by rabbitmqctl and signals
 * where the broker is ours.
 */
export async function rabbitMqControls({
  url,
  admin,
  control,
}: RabbitMq): Promise<{ readonly controls: Controls; close(): Promise<void> }> {
  let link: Promise<ChannelModel> | undefined;
  /** One link for all; another where the broker has ended it. */
  const linked = async (): Promise<ChannelModel> => {
    const open = async (): Promise<ChannelModel> => {
      const client = await connect(url);
      client.on('error', () => {});
      client.on('close', () => {
        link = undefined;
      });
      return client;
    };
    link ??= open();
    return link;
  };

  const controls: Controls = {
    async publishForeign(address, { body, contentType, headers }) {
      const channel = await (await linked()).createConfirmChannel();
      channel.sendToQueue(address, Buffer.from(body), { headers, ...(contentType === undefined ? {} : { contentType }) });
      await channel.waitForConfirms();
      await channel.close();
    },
    async makeSmallQueue(address, messages) {
      const channel = await (await linked()).createChannel();
      const limit = { 'x-max-length': messages, 'x-overflow': 'reject-publish' };
      await channel.assertQueue(address, { durable: true, arguments: limit });
      await channel.close();
    },
    async remove({ kind, address }) {
      if (Buffer.byteLength(address) > 255) return; // such a name was never given to anything
      const channel = await (await linked()).createChannel();
      await (kind === 'topic' ? channel.deleteExchange(address) : channel.deleteQueue(address));
      await channel.close();
    },
    ...(admin === undefined
      ? {}
      : {
          async count(address) {
            const queues = await admin.list('queues', ['name', 'messages']);
            return Number(queues.find(({ name }) => name === address)?.['messages'] ?? 0);
          },
          async holdSends() {
            await admin.blockPublishers();
            return { release: () => admin.unblockPublishers() };
          },
          async denyCreation() {
            const user = decodeURIComponent(new URL(url).username) || 'guest';
            await admin.run('set_permissions', user, '^$', '.*', '.*');
            return { restore: async () => void (await admin.run('set_permissions', user, '.*', '.*', '.*')) };
          },
        }),
    ...(control === undefined
      ? {}
      : {
          process: control,
          shortLock: {
            lockMs: CONSUMER_TIMEOUT_MS,
            definition: () => rabbitmq({ url, consumerTimeoutMs: CONSUMER_TIMEOUT_MS }),
          },
          async cutLinks() {
            await control.stop();
            return { restore: () => control.restart() };
          },
        }),
  };
  return {
    controls,
    async close() {
      await (await link)?.close();
    },
  };
}
