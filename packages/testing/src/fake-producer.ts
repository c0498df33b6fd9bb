import {
  type App,
  type Channel,
  exponential,
  type MessagesOf,
  type MessageType,
  type Passing,
  type PayloadOf,
  type Producer,
  type ReplyInputOf,
  type RequestsOf,
} from '@omnibus/core';
import { payloadNow } from './payload.js';
import { testApp } from './test-app.js';
import type { TestApp } from './test-app-types.js';

/** One message that a fake producer sent. */
export type FakeSend<M extends MessageType = MessageType> = M extends MessageType
  ? {
      readonly message: M;
      /** As receivers read it. */
      readonly payload: PayloadOf<M>;
      readonly key: string | undefined;
      /** The sender's own. */
      readonly headers: Readonly<Record<string, string>>;
      readonly delayMs: number;
      /** Infinity = none was asked for. */
      readonly ttlMs: number;
      readonly priority: number;
    }
  : never;

/** A producer for tests of the code that is given one: it refuses what the real one refuses, and remembers the rest. */
export interface FakeProducer<C extends Channel> extends Producer<C> {
  /** What was sent, requests included, oldest first. */
  readonly sent: readonly FakeSend<MessagesOf<C>>[];
  /** Says how requests of one type are answered; those without an answer fail with REMOTE. What `answer` throws does as well. */
  answers<M extends RequestsOf<C>>(
    message: M,
    answer: (request: PayloadOf<M>) => ReplyInputOf<M> | Promise<ReplyInputOf<M>>,
  ): this;
}

type Answer = (request: unknown) => unknown;

/** Makes one. It is the real producer, of an app of its own on a broker in memory, which starts with the first send. */
export function fakeProducer<C extends Channel>(channel: C): FakeProducer<C> {
  const passed: Passing[] = [];
  const answers = new Map<string, Answer>();
  let started: Promise<TestApp> | undefined;
  const real = async (): Promise<Producer<C>> => {
    started ??= testApp({
      producers: [channel],
      interceptors: [
        (endpoint) => (endpoint.channel === channel.name ? { sent: (message) => void passed.push(message) } : undefined),
      ],
      consumers: (app) => answering(app, channel, answers),
    });
    return (await started).producer(channel);
  };
  const fake: FakeProducer<C> = {
    channel,
    send: async (...given) => (await real()).send(...given),
    sendAll: async (...given) => (await real()).sendAll(...given),
    request: async (...given) => (await real()).request(...given),
    get sent() {
      return passed.map((message) => sendOf(channel, message)) as FakeSend<MessagesOf<C>>[];
    },
    answers(message, answer) {
      answers.set(message.name, answer as Answer);
      return fake;
    },
  };
  return fake;
}

/** The other end of the queue, for its requests. */
function answering(app: Pick<App, 'consumer'>, channel: Channel, answers: ReadonlyMap<string, Answer>): void {
  const requests = channel.messages.filter(({ reply }) => reply !== undefined);
  if (requests.length === 0) return;
  const ignore = channel.messages.filter((message) => !requests.includes(message));
  const consumer = app.consumer(channel as Channel<'queue'>, { ignore, retry: exponential({ attempts: 1 }) });
  for (const message of requests) {
    consumer.handle(message, ((request: unknown) => {
      const answer = answers.get(message.name);
      if (answer !== undefined) return answer(request);
      throw new Error(`nobody answers "${message.name}" here: fakeProducer(...).answers(message, () => ...)`);
    }) as never);
  }
}

function sendOf(channel: Channel, passing: Passing): FakeSend {
  const message = channel.messages.find(({ name }) => name === passing.type) as MessageType;
  const { key, time, delayMs, expiresAt, priority } = passing;
  const headers = Object.fromEntries(Object.entries(passing.headers).filter(([name]) => !/^(?:ce|omnibus)-/.test(name)));
  const ttlMs = expiresAt - time - delayMs;
  return { message, payload: payloadNow(message, passing.body), key, headers, delayMs, ttlMs, priority };
}
