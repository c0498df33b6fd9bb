import { EventEmitter } from 'node:events';
import { ACK, type Delivery, NONE, systemClock } from '@omnibus/core/transport';
import { describe, expect, it } from 'vitest';
import type { AmqpChannel, RabbitMqMessage } from '../src/client.js';
import type { Link } from '../src/link.js';
import { DEFAULTS } from '../src/options.js';
import { openReceiver } from '../src/receiver.js';
import { settlementFrames, settlementWriter } from '../src/settlement-frames.js';
import { channel, subscription } from './objects.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the frames of settlements', () => {
  it('are those of AMQP: the prefix as multiple, then each single one', () => {
    expect(hex(settlementFrames(3, { upTo: 5, singles: [7, 300] }, 'ack'))).toBe(
      [
        '01 0003 0000000d 003c 0050 0000000000000005 01 ce',
        '01 0003 0000000d 003c 0050 0000000000000007 00 ce',
        '01 0003 0000000d 003c 0050 000000000000012c 00 ce',
      ]
        .join('')
        .replaceAll(' ', ''),
    );
  });

  it('ask for the message again where it is released', () => {
    expect(hex(settlementFrames(65_535, { upTo: 1, singles: [2 ** 40] }, 'release'))).toBe(
      ['01 ffff 0000000d 003c 0078 0000000000000001 03 ce', '01 ffff 0000000d 003c 0078 0000010000000000 02 ce']
        .join('')
        .replaceAll(' ', ''),
    );
  });

  it('leave in one write, and none where there is nothing to say', () => {
    const written: string[] = [];
    const amqp = { ch: 1, ack: () => expect.unreachable(), nack: () => expect.unreachable() };
    const write = settlementWriter(amqp, { write: (bytes) => written.push(hex(bytes)) });
    write({ upTo: 0, singles: [] }, 'ack');
    write({ upTo: 2, singles: [4, 6] }, 'ack');
    expect(written).toEqual([hex(settlementFrames(1, { upTo: 2, singles: [4, 6] }, 'ack'))]);
  });

  it('go by amqplib where it does not say what writing them takes', () => {
    const said: unknown[] = [];
    const amqp = {
      ack: ({ fields }: { fields: { deliveryTag: number } }, multiple: boolean) =>
        said.push(['ack', fields.deliveryTag, multiple]),
      nack: ({ fields }: { fields: { deliveryTag: number } }, multiple: boolean, requeue: boolean) =>
        said.push(['nack', fields.deliveryTag, multiple, requeue]),
    };
    const write = settlementWriter(amqp, undefined);
    write({ upTo: 2, singles: [4] }, 'ack');
    write({ upTo: 5, singles: [8] }, 'release');
    expect(said).toEqual([
      ['ack', 2, true],
      ['ack', 4, false],
      ['nack', 5, true, true],
      ['nack', 8, false, true],
    ]);
  });

  it('are never written on a channel that is gone, not even before anybody was told', async () => {
    const written: Uint8Array[] = [];
    const amqp = Object.assign(new EventEmitter(), {
      ch: 1,
      prefetch: async () => undefined,
      consume: async (_: string, onMessage: (raw: RabbitMqMessage) => void) => {
        const fields = { consumerTag: 'tag', redelivered: false, exchange: '', routingKey: 'q' };
        for (const deliveryTag of [1, 2]) {
          onMessage({
            content: Buffer.alloc(0),
            fields: { ...fields, deliveryTag },
            properties: {},
          } as unknown as RabbitMqMessage);
        }
        return { consumerTag: 'tag' };
      },
    });
    const link = {
      where: 'here',
      openChannel: async () => amqp as unknown as AmqpChannel,
      socket: { write: (bytes: Uint8Array) => written.push(bytes) },
    } as unknown as Link;
    const receiver = await openReceiver({
      link,
      subscription: subscription(channel('queue', 'q')),
      options: DEFAULTS,
      clock: systemClock,
    });
    const [first, second] = (await receiver.receive(2, new AbortController().signal)) as [Delivery, Delivery];
    expect(await receiver.settle([first], ACK)).toBe(NONE);
    expect(written).toHaveLength(1);
    amqp.emit('close');
    expect(await receiver.settle([second], ACK)).toMatchObject([{ index: 0, error: { code: 'LOST' } }]);
    expect(written).toHaveLength(1);
  });
});
