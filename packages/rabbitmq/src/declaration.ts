/** Arguments of a queue or an exchange, as the broker names them. */
export type Arguments = Readonly<Record<string, string | number | boolean>>;

/** One object that is to stand on the broker; queues are durable. */
export type Declaration =
  | {
      readonly object: 'exchange';
      readonly name: string;
      /** False: gone when the broker restarts. */
      readonly durable: boolean;
      readonly arguments: Arguments;
    }
  | { readonly object: 'queue'; readonly name: string; readonly arguments: Arguments }
  | {
      readonly object: 'binding';
      readonly of: 'queue' | 'exchange';
      /** The destination. */
      readonly name: string;
      readonly source: string;
      readonly key: string;
    };

/** No redelivery ever reaches it. Where the argument is missing RabbitMQ 4 deletes what was delivered 20 times. */
const NO_LIMIT = 2_147_483_647;

/** A quorum queue that deletes nothing by itself. */
export const QUORUM: Arguments = Object.freeze({ 'x-queue-type': 'quorum', 'x-delivery-limit': NO_LIMIT });

/** A classic queue; named, because a vhost may have another default type. */
export const CLASSIC: Arguments = Object.freeze({ 'x-queue-type': 'classic' });
