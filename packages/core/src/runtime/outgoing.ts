import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../transport/clock.js';
import type { Headers, Message } from '../transport/message.js';
import type { Publish } from './chain.js';
import { CAUSATION_HEADER, type MessageContext, SOURCE_HEADER } from './context.js';
import type { CreateHook, SentHook } from './hooks.js';

/** What a caller says about one message; the envelope is filled in around it. */
export interface Draft {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly key: string | undefined;
  readonly headers?: Headers | undefined;
  readonly delayMs?: number | undefined;
  readonly ttlMs?: number | undefined;
  readonly priority?: number | undefined;
  readonly replyTo?: string | undefined;
  /** Whose correlation it continues; default: the message being handled here. */
  readonly cause?: { readonly id: string; readonly correlationId: string } | undefined;
}

export interface OutgoingOptions {
  /** Resolves when the broker has the message. */
  readonly publish: Publish;
  /** The service's name: CloudEvents `source`. */
  readonly service: string;
  readonly clock: Clock;
  readonly current: AsyncLocalStorage<MessageContext>;
  readonly create: CreateHook | undefined;
  readonly sent: SentHook | undefined;
}

/** Turns drafts into messages and hands them on to their channel. */
export class Outgoing {
  readonly #o: OutgoingOptions;
  /** Shared by all messages that need nothing else. */
  readonly #plain: Headers;

  constructor(options: OutgoingOptions) {
    this.#o = options;
    this.#plain = Object.freeze({ [SOURCE_HEADER]: options.service });
  }

  /** Resolves when the broker has it. */
  send(draft: Draft, signal?: AbortSignal): Promise<void> {
    const { publish, clock, current, create, sent } = this.#o;
    const cause = draft.cause ?? current.getStore();
    const now = clock.now();
    let headers = this.#plain;
    if (cause !== undefined || draft.headers !== undefined || create !== undefined) {
      const own: Record<string, string> = { ...draft.headers, ...this.#plain };
      if (cause !== undefined) own[CAUSATION_HEADER] = cause.id;
      create?.({ type: draft.type, id: draft.id, headers: own });
      headers = own;
    }
    const message: Message = {
      id: draft.id,
      type: draft.type,
      time: now,
      contentType: draft.contentType,
      body: draft.body,
      headers,
      key: draft.key,
      correlationId: cause?.correlationId ?? draft.id,
      replyTo: draft.replyTo,
      delayMs: draft.delayMs ?? 0,
      expiresAt: draft.ttlMs === undefined ? Number.POSITIVE_INFINITY : now + (draft.delayMs ?? 0) + draft.ttlMs,
      priority: draft.priority ?? 0,
    };
    const confirmed = publish(message, signal);
    return sent === undefined ? confirmed : confirmed.then(() => sent(message));
  }
}
