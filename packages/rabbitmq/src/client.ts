import type { Duplex } from 'node:stream';
import type { ConsumeMessage } from 'amqplib';
import type { Host } from './hosts.js';
import type { ResolvedOptions } from './options.js';

/** What `Delivery.native` holds: the message as amqplib gave it. */
export type RabbitMqMessage = ConsumeMessage;

/** A message with the properties that a publish sends. amqplib reads it within the call. */
export interface Publish {
  readonly mandatory: boolean;
  readonly deliveryMode: 2;
  readonly contentType: string | undefined;
  readonly messageId: string | undefined;
  readonly type: string | undefined;
  readonly correlationId: string | undefined;
  readonly replyTo: string | undefined;
  readonly priority: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the broker says about publishes of a confirm channel. */
export interface Confirm {
  readonly deliveryTag: number;
  readonly multiple: boolean;
}

/** A message that the broker could not route. */
export type Returned = Pick<ConsumeMessage, 'content' | 'properties'>;

/** Names the delivery that an ack is for. */
interface Tagged {
  readonly fields: { readonly deliveryTag: number };
}

/** What this package uses of an amqplib channel. */
export interface AmqpChannel {
  /** Its number, which amqplib does not document: undefined where it has moved. */
  readonly ch?: number;
  assertExchange(name: string, type: string, options: { durable: boolean; arguments: object }): Promise<unknown>;
  checkExchange(name: string): Promise<unknown>;
  assertQueue(name: string, options: { durable: boolean; arguments: object }): Promise<unknown>;
  checkQueue(name: string): Promise<unknown>;
  bindExchange(name: string, source: string, key: string): Promise<unknown>;
  bindQueue(name: string, source: string, key: string): Promise<unknown>;
  prefetch(count: number): Promise<unknown>;
  /** `null` says that the broker cancelled the consumer. Whatever the callback throws closes the channel. */
  consume(queue: string, onMessage: (message: RabbitMqMessage | null) => void): Promise<{ readonly consumerTag: string }>;
  /** Throws where the channel is closed. */
  ack(message: Tagged, allUpTo: boolean): void;
  /** Throws where the channel is closed. */
  nack(message: Tagged, allUpTo: boolean, requeue: boolean): void;
  /** Throws where the channel is closed or the message cannot be encoded: then nothing was written. */
  publish(exchange: string, routingKey: string, content: Buffer, publish: Publish): unknown;
  on(event: 'ack' | 'nack', listener: (confirm: Confirm) => void): unknown;
  on(event: 'return', listener: (message: Returned) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): Promise<void>;
}

/**
 * Closes a channel or a connection; resolves once it is closed, whoever closed it, and never rejects. amqplib's own `close` never
 * settles where the socket breaks meanwhile.
 */
export function shut(it: Pick<AmqpChannel | AmqpConnection, 'on' | 'close'>): Promise<void> {
  return new Promise((resolve) => {
    (it as AmqpChannel).on('close', resolve);
    it.close().then(resolve, () => resolve());
  });
}

/** What this package uses of an amqplib connection. */
export interface AmqpConnection {
  /** What the broker says about itself. */
  readonly serverProperties: Readonly<Record<string, unknown>>;
  /** The socket, which amqplib does not document: undefined where it has moved. */
  readonly stream: Duplex | undefined;
  createChannel(): Promise<AmqpChannel>;
  createConfirmChannel(): Promise<AmqpChannel>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: (error?: Error) => void): unknown;
  on(event: 'blocked', listener: (reason: string) => void): unknown;
  on(event: 'unblocked', listener: () => void): unknown;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 30_000;

/** How much `Link.writeTogether` gathers at most. */
const GATHER_BYTES = 1024 * 1024;

/** Opens one connection; aborting the signal destroys its socket, at any time. Loads amqplib. */
export async function dial(host: Host, name: string, tls: ResolvedOptions, signal: AbortSignal): Promise<AmqpConnection> {
  const { connect, credentials } = await import('amqplib');
  const { protocol, hostname, port, username, password, vhost, heartbeatSeconds } = host;
  const { login, ca, cert, key, passphrase } = tls;
  const socketOptions = {
    signal,
    noDelay: true,
    highWaterMark: GATHER_BYTES,
    keepAlive: true,
    keepAliveDelay: KEEP_ALIVE_MS,
    clientProperties: { connection_name: name },
    credentials: login === 'certificate' ? credentials.external() : credentials.plain(username, password),
    ...(ca === undefined ? {} : { ca: [ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  const model = await connect(
    { protocol, hostname, port, vhost: encodeURIComponent(vhost), heartbeat: heartbeatSeconds },
    socketOptions,
  );
  return {
    serverProperties: model.connection.serverProperties as unknown as Record<string, unknown>,
    stream: (model.connection as { stream?: Duplex }).stream,
    // its types know no property that is there and undefined
    createChannel: () => model.createChannel() as Promise<unknown> as Promise<AmqpChannel>,
    createConfirmChannel: () => model.createConfirmChannel() as Promise<unknown> as Promise<AmqpChannel>,
    on: (event: string, listener: (...values: never[]) => void) => model.on(event, listener as (...values: unknown[]) => void),
    close: () => model.close(),
  };
}
