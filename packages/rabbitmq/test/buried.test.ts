import { createApp, type DeadLetter, message, queue } from '@omnibus/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rabbitmq } from '../src/index.js';
import { matching, unique } from './objects.js';
import { broker, bystander, notRun, url } from './rabbit.js';

/** Any payload passes. */
const Note = message('note', {
  '~standard': { version: 1 as const, vendor: 'tests', validate: (value: unknown) => ({ value }) },
});

describe.skipIf(!broker.available)(`a message that RabbitMQ buried by itself${notRun}`, () => {
  it('says so to the consumer of the dead-letter queue', async () => {
    const from = unique('buried');
    const dead = `${from}.dead`;
    const { channel } = await bystander();
    const limit = { 'x-delivery-limit': 1, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead };
    await channel.assertQueue(from, { arguments: { 'x-queue-type': 'quorum', ...limit } });
    const config = { name: 'tests', transports: { amqp: rabbitmq({ url }) }, default: 'amqp' };
    const app = await createApp({ config, transports: [rabbitmq] });
    onTestFinished(() => app.stop());
    const seen: (DeadLetter | undefined)[] = [];
    app.consumer(queue(dead, { messages: [Note] })).handle(Note, (_, context) => void seen.push(context.dead));
    await app.start();
    channel.sendToQueue(from, Buffer.from('{}'), { type: 'note', messageId: 'one' });
    await channel.waitForConfirms();
    for (let refused = 0; refused < 2; ) {
      const got = await channel.get(from);
      if (got === false) continue;
      channel.nack(got, false, true);
      refused++;
    }
    await expect.poll(() => seen, { timeout: 10_000 }).toHaveLength(1);
    const when = matching(/^\d{4}-\d\d-\d\dT/);
    expect(seen[0]).toEqual({ reason: 'broker', error: 'delivery_limit', attempts: 0, channel: from, first: when, last: when });
  });
});
