import type { Channel, Clock, Message, MessagingError, Sender } from '@omnibus/core/transport';
import { SEND_BATCH } from './capabilities.js';
import { type AmqpChannel, shut } from './client.js';
import { confirms } from './confirms.js';
import { ANSWER_MS, CLOSE_MS, within } from './deadline.js';
import { callError, publishError, rabbitMqError } from './errors.js';
import { LONGEST_DELAY_MS, ladderEntry, queueTarget, topicTarget } from './ladder.js';
import type { Link } from './link.js';
import type { ResolvedOptions } from './options.js';
import { toContent, toPublish } from './wire.js';

/** What a sender stands on. */
export interface SenderPlace {
  readonly link: Link;
  readonly channel: Channel;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  /** Whether the wait queues for delays stand on the broker. */
  readonly hasLadder: boolean;
}

/** Most that `close` waits for confirms. */
const FLIGHT_MS = 5_000;

/**
 * The sending end of a queue (by the default exchange, mandatory) or of a topic (its exchange, routing key = type), on a confirm
 * channel of its own. Throws NOT_FOUND where the topic has no exchange: a publish to it would end the channel.
 */
export async function openSender(place: SenderPlace): Promise<Sender> {
  const { link, channel, clock } = place;
  const { address, kind } = channel;
  const where = `sending to ${kind} '${address}' on ${link.where}`;
  const flights = confirms();
  const refused = rabbitMqError(
    'THROTTLED',
    `${where}: the broker refused the message, a queue behind it is full or unavailable`,
  );
  const noRoute = rabbitMqError('NO_ROUTE', `${where}: there is no such queue; provision it, or start its consumer first`);
  let ended: MessagingError | undefined;
  let closing: Promise<void> | undefined;

  const amqp = await link.openChannel('confirm', (why) => {
    ended ??= rabbitMqError('CONNECTION', `${where}: the channel ended: ${why}`);
    flights.abandon(
      rabbitMqError('CONNECTION', `${where}: the channel ended before the confirm: ${why}`, { outcome: 'unknown' }),
    );
  });
  amqp.on('ack', (confirm) => flights.confirmed(confirm));
  amqp.on('nack', (confirm) => flights.confirmed(confirm, refused));
  amqp.on('return', (message) => flights.returned(message, noRoute));
  if (kind === 'topic') {
    await within(clock, ANSWER_MS, where, amqp.checkExchange(address)).catch((error: unknown) => {
      void shut(amqp); // mostly the broker closed it
      throw callError(where, error);
    });
  }
  const publish = publisher(amqp, place);

  return {
    async send(batch) {
      if (ended !== undefined) throw ended;
      if (batch.length > SEND_BATCH)
        throw rabbitMqError('INVALID', `${where}: ${batch.length} messages at once, the limit is ${SEND_BATCH}`);
      const departure = flights.depart(batch);
      for (let index = 0; index < batch.length; index++) {
        try {
          publish(batch[index]!);
        } catch (thrown) {
          const error = publishError(where, thrown);
          if (index === 0 && error.code === 'CONNECTION') throw error; // amqplib knew before us that the channel is gone
          departure.failed(index, error);
          continue;
        }
        departure.published(index);
      }
      link.writeTogether();
      return departure.end();
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    ended ??= rabbitMqError('CLOSED', `${where}: the sender is closed`);
    await within(clock, FLIGHT_MS, where, flights.idle()).catch(() => undefined);
    await within(clock, CLOSE_MS, where, shut(amqp)).catch(() => undefined); // it ends with its link then
    flights.abandon(rabbitMqError('CONNECTION', `${where}: the sender was closed before the confirm`, { outcome: 'unknown' }));
  }
}

/** Publishes one message. Throws what `publishError` understands; then nothing has left. */
function publisher(amqp: AmqpChannel, { channel, options, hasLadder }: SenderPlace): (message: Message) => void {
  const { address, kind } = channel;
  const isQueue = kind !== 'topic';
  const exchange = isQueue ? '' : address;
  const toQueue = queueTarget(address);
  return (message) => {
    const { body, delayMs } = message;
    if (body.byteLength > options.maxMessageBytes) {
      const why = `the body has ${body.byteLength} bytes, the option maxMessageBytes allows ${options.maxMessageBytes}`;
      throw rabbitMqError('TOO_LARGE', `sending to '${address}': ${why}`);
    }
    if (delayMs > 0) {
      checkDelay(delayMs, address, hasLadder);
      const entry = ladderEntry(delayMs, isQueue ? toQueue : topicTarget(address, message.type));
      amqp.publish(entry.exchange, entry.routingKey, toContent(body), toPublish(message, true));
    } else {
      amqp.publish(exchange, isQueue ? address : message.type, toContent(body), toPublish(message, isQueue));
    }
  };
}

function checkDelay(delayMs: number, address: string, hasLadder: boolean): void {
  if (!hasLadder) {
    const why = `the wait queues omnibus.delay.* are not there: use provision: create, or leave the option 'delay' at true`;
    throw rabbitMqError('NOT_FOUND', `sending to '${address}' with a delay: ${why}`);
  }
  if (delayMs <= LONGEST_DELAY_MS) return;
  throw rabbitMqError(
    'INVALID',
    `sending to '${address}': a delay of ${delayMs} ms is over the ${LONGEST_DELAY_MS} ms that can be waited`,
  );
}
