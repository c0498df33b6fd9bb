import { jsonCodec } from '../codec/json.js';
import type { CheckedConfig } from '../config/schema.js';
import type { Claims } from '../runtime/claims.js';
import type { MessageContext } from '../runtime/context.js';
import type { Handler, Routed } from '../runtime/handler.js';
import { exponential, type RetryPolicy } from '../runtime/retry-policy.js';
import type { ConsumerSpec } from '../runtime/specs.js';
import type { FieldTest, Filter } from '../transport/channel.js';
import type { Delivery } from '../transport/message.js';
import type { Channel } from './channels.js';
import { codecOf, decoder } from './coding.js';
import { type ConsumerDraft, type HandlerDraft, nameOf } from './draft.js';
import { typeReader } from './foreign.js';
import type { PublishingOptions } from './handlers.js';
import type { MessageType } from './messages.js';
import { addressOf, deadLetterOf, type Placing } from './placing.js';
import { predicate, testsOf } from './where.js';

/** What handlers may do with what they return. */
export interface Afters {
  publish(route: {
    readonly channel: Channel;
    readonly message: MessageType;
  }): (value: unknown, context: MessageContext) => Promise<void>;
  reply(message: MessageType, transport: string): (value: unknown, context: MessageContext) => Promise<void>;
  failed(message: MessageType, transport: string): (error: unknown, delivery: Delivery) => void;
}

const DEFAULT_CONCURRENCY = 16;

/** One consumer: its decorator, what the configuration says of it, and the defaults. */
export function consumerSpec(
  draft: ConsumerDraft,
  config: CheckedConfig,
  place: Placing,
  instance: string,
  afters: Afters,
  claims: Claims | undefined,
): ConsumerSpec {
  const { channel, options, owner } = draft;
  const name = nameOf(draft);
  const said = { ...config.consumers[channel.name], ...config.consumers[name] };
  const spec = place.channel(channel);
  const temporary = typeof options.group === 'symbol' || typeof options.group === 'object';
  const group = typeof options.group === 'string' ? options.group : temporary ? `${config.name}.${instance}` : undefined;
  const concurrency = said.concurrency ?? options.concurrency ?? DEFAULT_CONCURRENCY;
  const timeoutMs = said.handlerTimeoutMs ?? options.handlerTimeoutMs ?? 0;
  const tests = new Map<string, readonly FieldTest[]>();
  const reads = claims?.reads(spec.transport) === true ? claims : undefined;
  const handlers = draft.handlers.map((each) => handlerOf(each, timeoutMs, spec.transport, tests, afters, reads));
  const own = config.channels[channel.name];
  const end = { channel: channel.name, wire: spec.wire, group };
  return {
    name,
    owner,
    channel: spec,
    group,
    address: addressOf(config, end),
    from: options.from ?? 'next',
    temporary,
    exclusive: temporary || (options.exclusive ?? false),
    concurrency,
    window: Math.max(concurrency, said.window ?? options.window ?? 4 * concurrency),
    policy: policyOf(options.retry, said.retry),
    // an instance's own group ends with it, so what it gave up goes where that of the channel goes
    deadLetter: deadLetterOf(config, place.named, temporary ? { ...end, group: undefined } : end, options.deadLetter),
    idempotency: options.idempotency,
    handlers,
    route: router(draft, handlers, own?.foreign),
    types: own?.foreign === undefined ? draft.handlers.map(({ message }) => message.name) : [], // a broker cannot tell those of others
    filter: tests.size === 0 ? undefined : (Object.fromEntries(tests) as Filter),
    opaque: opaque(channel, own?.foreign !== undefined, claims?.covers(spec.transport, channel.name) === true),
  };
}

/** Why a broker cannot count on finding a payload's fields in the body. */
function opaque(channel: Channel, foreign: boolean, claimed: boolean): string | undefined {
  if (claimed) return 'a claim check may keep the body elsewhere';
  if (foreign) return 'the channel has messages of others';
  const other = channel.messages.find((message) => codecOf(message) !== jsonCodec);
  return other === undefined ? undefined : `"${other.name}" has a codec of its own`;
}

function policyOf(
  decorated: RetryPolicy | undefined,
  said: { readonly [K in keyof RetryPolicy]?: RetryPolicy[K] | undefined } | undefined,
): RetryPolicy {
  const given = Object.fromEntries(Object.entries(said ?? {}).filter(([, value]) => value !== undefined));
  return exponential({ ...decorated, ...given });
}

function handlerOf(
  { name, message, options, call }: HandlerDraft,
  timeoutMs: number,
  transport: string,
  tests: Map<string, readonly FieldTest[]>,
  afters: Afters,
  claims: Claims | undefined,
): Handler {
  const where = options.where === undefined ? undefined : testsOf(options.where);
  if (where !== undefined) tests.set(message.name, where);
  const route = (options as Partial<PublishingOptions<never, MessageType>>).publish;
  return {
    name,
    message,
    decode: claims === undefined ? decoder(message) : claims.reader(decoder(message)),
    where: where === undefined ? undefined : predicate(where),
    call,
    after:
      route !== undefined ? afters.publish(route) : message.reply !== undefined ? afters.reply(message, transport) : undefined,
    failed: message.reply === undefined ? undefined : afters.failed(message, transport),
    batch: options.batch ?? 0,
    waitMs: 'waitMs' in options ? (options.waitMs ?? 0) : 0,
    timeoutMs: options.timeoutMs ?? timeoutMs,
  };
}

/** Which handler a delivery is for. What is in the contract but not for this group is skipped. */
function router(
  { channel, handlers: drafts }: ConsumerDraft,
  handlers: readonly Handler[],
  foreign: Parameters<typeof typeReader>[1],
): (delivery: Delivery) => Routed | undefined {
  const routes = new Map<string, Routed>(channel.messages.map((message) => [message.name, 'skip']));
  drafts.forEach(({ message }, index) => routes.set(message.name, handlers[index] as Handler));
  const typeOf = typeReader(channel, foreign);
  return (delivery) => routes.get(delivery.type) ?? (delivery.type === '' ? routes.get(typeOf(delivery)) : undefined);
}
