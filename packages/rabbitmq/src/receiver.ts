import { type Clock, inbox, type MessagingError, type Receiver, type Subscription } from '@omnibus/core/transport';
import { RECEIVE_BATCH, SETTLE_BATCH } from './capabilities.js';
import { type RabbitMqMessage, shut } from './client.js';
import { ANSWER_MS, CLOSE_MS, within } from './deadline.js';
import { callError, rabbitMqError } from './errors.js';
import type { Link } from './link.js';
import type { ResolvedOptions } from './options.js';
import { settlementWriter } from './settlement-frames.js';
import { settler } from './settler.js';
import { toDelivery } from './wire.js';

/** What a receiver stands on. */
export interface ReceiverPlace {
  readonly link: Link;
  readonly subscription: Subscription;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
}

/** AMQP counts the prefetch in 16 bits, and 0 would be unlimited. */
const prefetchOf = (window: number): number => Math.max(1, Math.min(65_535, Math.floor(window)));

/**
 * The receiving end of one queue, on a channel of its own: the broker pushes up to `window` deliveries ahead of the acks. Closing
 * the channel gives back, in order, what is unsettled; a single nack or a cancelled consumer would let followers overtake.
 * Throws NOT_FOUND where the queue is missing.
 */
export async function openReceiver({ link, subscription, options, clock }: ReceiverPlace): Promise<Receiver> {
  const { address, ordered, window } = subscription;
  const { consumerTimeoutMs } = options;
  const where = `receiving from '${address}' on ${link.where}`;
  const lockMs = consumerTimeoutMs === 0 ? Number.POSITIVE_INFINITY : consumerTimeoutMs;
  const box = inbox(clock);
  const lease = new AbortController();
  let ended: MessagingError | undefined;
  let closing: Promise<void> | undefined;

  const end = (error: MessagingError): void => {
    if (ended !== undefined) return;
    ended = error;
    settlements.end();
    box.fail(error);
    lease.abort(error);
  };
  const cut = (why: string): void => end(rabbitMqError('CONNECTION', `${where}: ${why}`));
  const amqp = await link.openChannel('plain', (why) => cut(`the channel ended: ${why}`));
  const giveUp = (): void => {
    cut(`a delivery was held for longer than consumerTimeoutMs (${consumerTimeoutMs} ms)`);
    void shut(amqp); // gives all of it back in order
  };
  const write = settlementWriter(amqp, link.socket);
  const settlements = settler({ write, where, clock, ordered, giveUp });
  amqp.on('close', () => settlements.end()); // at once: nothing may be written on a channel that is gone

  const onMessage = (raw: RabbitMqMessage | null): void => {
    if (raw === null) return cut('the broker cancelled the consumer, as it does when the queue is deleted');
    settlements.delivered(raw);
    box.push(toDelivery(raw, { lockedUntil: clock.monotonic() + lockMs, lease: lease.signal }));
  };
  const begin = async (): Promise<void> => {
    await amqp.prefetch(prefetchOf(window));
    await amqp.consume(address, onMessage);
  };
  await within(clock, ANSWER_MS, where, begin()).catch((error: unknown) => {
    void shut(amqp); // mostly the broker closed it
    throw callError(where, error);
  });

  return {
    async receive(max, signal) {
      if (max > RECEIVE_BATCH) throw rabbitMqError('INVALID', `${where}: ${max} at once, the limit is ${RECEIVE_BATCH}`);
      return box.take(max, signal);
    },
    async settle(batch, verdict) {
      if (batch.length > SETTLE_BATCH)
        throw rabbitMqError('INVALID', `${where}: ${batch.length} at once, the limit is ${SETTLE_BATCH}`);
      return settlements.settle(batch, verdict);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    end(rabbitMqError('CLOSED', `${where}: the receiver is closed`));
    await within(clock, CLOSE_MS, `${where}: closing`, shut(amqp)).catch(() => undefined); // it ends with its link then
  }
}
