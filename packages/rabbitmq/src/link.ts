import { once } from 'node:events';
import { type Clock, type MessagingError, textOf } from '@omnibus/core/transport';
import { type AmqpChannel, type AmqpConnection, dial, shut } from './client.js';
import { ANSWER_MS, CLOSE_MS, within } from './deadline.js';
import { brokerText, callError, connectError, rabbitMqError } from './errors.js';
import { type Host, whereIs } from './hosts.js';
import type { ResolvedOptions } from './options.js';

/** One open connection to one host, for as long as it lasts. */
export interface Link {
  /** Host, port and vhost, for errors. */
  readonly where: string;
  /** What the broker says about itself. */
  readonly server: Readonly<Record<string, unknown>>;
  /** Why it ended; undefined while it stands. */
  readonly lost: MessagingError | undefined;
  /** Why the broker takes no publishes at the moment, and since when (ms since 1970). */
  readonly blocked: { readonly why: string; readonly since: number } | undefined;
  /** A new channel. `ended` is told once when it ends, whoever ended it, with the broker's words. Throws CONNECTION or TIMEOUT. */
  openChannel(kind: 'plain' | 'confirm', ended: (why: string) => void): Promise<AmqpChannel>;
  /** Called after frames were sent: those of this turn of the event loop leave in one write to the socket, not in one a frame. */
  readonly writeTogether: () => void;
  /** Takes whole frames, past amqplib's own queue; undefined where amqplib hides it. */
  readonly socket: { write(bytes: Uint8Array): unknown } | undefined;
  /** Idempotent; within 2 s, whatever the broker does. */
  close(): Promise<void>;
}

/** What it takes to open a link. */
export interface LinkSettings {
  readonly host: Host;
  /** Shown by the broker's tools. */
  readonly name: string;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Aborted, the opening ends at once. */
  readonly closing: AbortSignal;
}

/** Opens a link. Throws DENIED, or CONNECTION where the host cannot be reached within `timeoutMs`. */
export async function openLink({ host, name, options, clock, timeoutMs, closing }: LinkSettings): Promise<Link> {
  const where = whereIs(host);
  const socket = new AbortController();
  const destroy = (): void => socket.abort();
  let isLate = false;
  const giveUp = (): void => {
    isLate = true;
    destroy();
  };
  const timer = clock.timer(timeoutMs, giveUp, 'ref');
  closing.addEventListener('abort', destroy);
  try {
    closing.throwIfAborted();
    return linkOver(await dial(host, name, options, socket.signal), where, clock, destroy);
  } catch (error) {
    if (closing.aborted) throw rabbitMqError('CLOSED', 'the transport was closed while it connected');
    throw connectError(where, error, isLate ? timeoutMs : undefined);
  } finally {
    timer.cancel();
    closing.removeEventListener('abort', destroy);
  }
}

function linkOver(connection: AmqpConnection, where: string, clock: Clock, destroy: () => void): Link {
  const { stream } = connection;
  let lost: MessagingError | undefined;
  let blocked: Link['blocked'];
  let reason: string | undefined;
  let isGathering = false;
  let closing: Promise<void> | undefined;

  connection.on('error', (error) => {
    reason ??= brokerText(error);
  });
  connection.on('close', (error) => {
    reason ??= error === undefined ? 'closed' : brokerText(error);
    lost = rabbitMqError('CONNECTION', `the connection to ${where} ended: ${reason}`);
    destroy(); // amqplib only ends its side, which a silent peer never answers
  });
  connection.on('blocked', (why) => {
    blocked = { why, since: clock.now() };
  });
  connection.on('unblocked', () => {
    blocked = undefined;
  });

  const check = (): void => {
    if (lost !== undefined) throw lost;
  };
  return {
    where,
    server: connection.serverProperties,
    socket: stream,
    get lost() {
      return lost;
    },
    get blocked() {
      return blocked;
    },
    async openChannel(kind, ended) {
      check();
      const opening = kind === 'confirm' ? connection.createConfirmChannel() : connection.createChannel();
      const channel = await within(clock, ANSWER_MS, `opening a channel on ${where}`, opening).catch((error: unknown) => {
        opening.then(shut, () => undefined); // nobody waits for it any more
        throw lost ?? callError(`opening a channel on ${where}`, error);
      });
      check();
      let why: string | undefined;
      channel.on('error', (error) => {
        why = brokerText(error);
      });
      // a turn later: amqplib ends the channels of a lost connection before it says why the connection ended
      channel.on('close', () => queueMicrotask(() => ended(why ?? reason ?? 'closed')));
      return channel;
    },
    writeTogether() {
      if (isGathering || stream === undefined) return;
      isGathering = true;
      stream.cork();
      // amqplib moves frames to the socket in an immediate that it asks for in the next tick: this one is right behind it
      process.nextTick(() =>
        setImmediate(() => {
          isGathering = false;
          stream.uncork();
        }),
      );
    },
    close() {
      closing ??= closeConnection();
      return closing;
    },
  };

  async function closeConnection(): Promise<void> {
    if (lost !== undefined) return;
    await within(clock, CLOSE_MS, `closing the connection to ${where}`, shut(connection)).catch((error: unknown) => {
      lost = rabbitMqError('CONNECTION', textOf(error));
    });
    destroy();
    if (stream?.closed === false) await once(stream, 'close');
  }
}
