import { type Context, type MessageType, silent } from '@omnibus/core';

/** The context of a first attempt, for tests that call a handler themselves; `over` says what shall be different. */
export function fakeContext<M extends MessageType>(message: M, over: Partial<Context<M>> = {}): Context<M> {
  const id = over.id ?? '00000000-0000-7000-8000-000000000000';
  return {
    message,
    id,
    key: undefined,
    headers: {},
    sentAt: new Date(0),
    correlationId: id,
    causationId: undefined,
    channel: 'fake',
    group: undefined,
    attempt: 1,
    signal: new AbortController().signal,
    log: silent,
    dead: undefined,
    native: undefined,
    ...over,
  };
}
