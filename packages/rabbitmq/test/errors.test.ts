import { describe, expect, it } from 'vitest';
import { callError } from '../src/errors.js';

/** As amqplib puts it. */
const refusal = (code: number, text: string): Error =>
  Object.assign(new Error(`Operation failed: QueueDeclare; ${code} with message "${text}"`), { code });

describe('what RabbitMQ refuses', () => {
  it('is NOT_FOUND where a queue does not exist', () => {
    expect(callError('declaring', refusal(404, "NOT_FOUND - no queue 'orders' in vhost '/'"))).toMatchObject({
      code: 'NOT_FOUND',
      retryable: false,
    });
  });

  it('is tried again where a queue exists and its leader is away', () => {
    const text = "NOT_FOUND - home node 'rabbit@b' of durable queue 'orders' in vhost '/' is down or inaccessible";
    expect(callError('declaring', refusal(404, text))).toMatchObject({
      code: 'CONNECTION',
      retryable: true,
      message: expect.stringContaining('is down or inaccessible') as string,
    });
  });
});
