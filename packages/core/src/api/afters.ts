import { jsonCodec } from '../codec/json.js';
import type { MessageContext } from '../runtime/context.js';
import type { Engine } from '../runtime/engine.js';
import { isMissing } from '../runtime/link-error.js';
import type { Logger } from '../runtime/logger.js';
import { ERROR_HEADER, remoteError } from '../runtime/replies.js';
import { isMessagingError, textOf } from '../transport/errors.js';
import type { Channel } from './channels.js';
import { validate } from './coding.js';
import type { Afters } from './consumer-spec.js';
import type { Context } from './context.js';
import type { MessageType, Schema } from './messages.js';
import type { Producer } from './producer.js';

/** What the app lends: it is there once the app runs, and handlers only run then. */
export interface AftersRoom {
  readonly engine: () => Engine | undefined;
  readonly producer: (channel: Channel) => Producer<Channel>;
  readonly newId: () => string;
  readonly log: Logger;
}

/** What happens with a handler's value before its message is acknowledged: it is published, or it is the reply. */
export function afters({ engine, producer, newId, log }: AftersRoom): Afters {
  const answer = async (
    message: MessageType,
    transport: string,
    to: string,
    cause: { readonly id: string; readonly correlationId: string },
    body: Uint8Array,
    failure?: string,
  ): Promise<void> => {
    try {
      await engine()?.reply(transport, to, {
        id: newId(),
        type: `${message.name}.reply`,
        contentType: jsonCodec.contentType,
        body,
        key: undefined,
        headers: failure === undefined ? undefined : { [ERROR_HEADER]: failure },
        cause,
      });
    } catch (error) {
      // whoever asked is gone, and its reply queue with it: nobody is left to tell
      if (!isMessagingError(error) || !isMissing(error)) throw error;
      log.debug({ id: cause.id, type: message.name }, 'the requester is gone: its reply is dropped');
    }
  };
  return {
    publish(route) {
      const to = producer(route.channel);
      return async (value, context) => {
        if (value !== undefined)
          await to.send(route.message as never, value as never, { causedBy: context as unknown as Context });
      };
    },
    reply(message, transport) {
      const what = `the reply to "${message.name}"`;
      return async (value, context: MessageContext) => {
        const output = await validate(message.reply as Schema, value, what);
        if (context.replyTo !== undefined) await answer(message, transport, context.replyTo, context, jsonCodec.encode(output));
      };
    },
    failed(message, transport) {
      return (error, { id, correlationId, replyTo }) => {
        if (replyTo === undefined) return;
        answer(
          message,
          transport,
          replyTo,
          { id, correlationId: correlationId ?? id },
          new Uint8Array(),
          remoteError(error),
        ).catch((failure: unknown) =>
          log.warn({ id, type: message.name, error: textOf(failure) }, 'the requester could not be told that its request failed'),
        );
      };
    },
  };
}
