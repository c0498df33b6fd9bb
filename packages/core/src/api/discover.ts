import type { Channel } from './channels.js';
import { type ContainerLike, type Instance, type Resolver, resolver } from './container.js';
import { sharedStores } from './contradictions.js';
import type { ConsumerClass } from './decorators.js';
import { type ConsumerDraft, type HandlerDraft, nameOf } from './draft.js';
import { inheritanceProblems } from './inheritance.js';
import { CONSUMER, type ConsumerEntry, getOwn, HANDLERS, type HandlerEntry, listOf, PRODUCERS } from './metadata.js';
import { groupProblems, numberProblems } from './option-problems.js';

/** What the classes say, and everything that is wrong with it. */
export interface Discovery {
  readonly consumers: readonly ConsumerDraft[];
  /** Channels that classes send to, and which class. */
  readonly producers: readonly { readonly channel: Channel; readonly owner: string }[];
  readonly resolvers: readonly { readonly owner: string; readonly resolver: Resolver }[];
  readonly problems: readonly string[];
}

/** Reads the metadata of the classes that `createApp` was told of. */
export function discover(classes: readonly ConsumerClass[], container: ContainerLike | undefined): Discovery {
  const consumers: ConsumerDraft[] = [];
  const producers: { channel: Channel; owner: string }[] = [];
  const resolvers: { owner: string; resolver: Resolver }[] = [];
  const problems: string[] = [];
  for (const cls of new Set(classes)) {
    if (typeof cls !== 'function') {
      problems.push(
        `classes has ${cls === null ? 'null' : `a value of type ${typeof cls}`}: list the class itself, or app.attach(object)`,
      );
      continue;
    }
    const owner = cls.name;
    for (const channel of listOf<Channel>(cls, PRODUCERS)) producers.push({ channel, owner });
    const entry = getOwn<ConsumerEntry>(cls, CONSUMER);
    const handlers = handlersOf(cls);
    const found = problemsOf(cls, entry, handlers, container);
    problems.push(...found);
    if (entry === undefined || found.length > 0) continue;
    const scope = entry.options.scope ?? 'singleton';
    const made = resolver(cls, scope, container);
    resolvers.push({ owner, resolver: made });
    consumers.push(draftOf(owner, entry, handlers, made.instance));
  }
  return { consumers, producers, resolvers, problems };
}

/** The consumer that an object is whose class has @Consumer; for objects that no container made. */
export function draftOfObject(object: object): ConsumerDraft | undefined {
  const cls = object.constructor as unknown as ConsumerClass;
  const entry = getOwn<ConsumerEntry>(cls, CONSUMER);
  return entry === undefined ? undefined : draftOf(cls.name, entry, handlersOf(cls), () => object);
}

/** Own and inherited handlers; where a subclass decorates a method anew, its word counts. */
function handlersOf(cls: ConsumerClass): readonly HandlerEntry[] {
  const byPlace = new Map<string, HandlerEntry>();
  for (const entry of listOf<HandlerEntry>(cls, HANDLERS)) byPlace.set(`${String(entry.name)} ${entry.message.name}`, entry);
  return [...byPlace.values()];
}

function draftOf(
  owner: string,
  { channel, options }: ConsumerEntry,
  handlers: readonly HandlerEntry[],
  instance: Instance,
): ConsumerDraft {
  return {
    owner,
    channel,
    options,
    handlers: handlers.map(
      ({ message, name, options: given }): HandlerDraft => ({
        name: `${owner}.${String(name)}`,
        message,
        options: given,
        call: caller(instance, name),
      }),
    ),
  };
}

type Methods = Record<string | symbol, (payload: unknown, context: unknown) => unknown>;

function caller(instance: Instance, name: string | symbol): HandlerDraft['call'] {
  return (payload, context) => {
    const object = instance();
    return object instanceof Promise
      ? object.then((made: object) => (made as Methods)[name]?.(payload, context))
      : (object as Methods)[name]?.(payload, context);
  };
}

function problemsOf(
  cls: ConsumerClass,
  entry: ConsumerEntry | undefined,
  handlers: readonly HandlerEntry[],
  container: ContainerLike | undefined,
): readonly string[] {
  const { name } = cls;
  const produces = listOf(cls, PRODUCERS).length > 0;
  const problems: string[] = [];
  if (entry === undefined && handlers.length > 0)
    problems.push(`${name} has @Handle methods but no @Consumer: say which channel it reads, @Consumer(Channel)`);
  else if (entry === undefined && !produces)
    problems.push(`${name} has neither @Consumer, @InjectProducer nor @Publish: leave it out of classes`);
  else if (entry !== undefined && handlers.length === 0)
    problems.push(`${name} is a @Consumer of "${entry.channel.name}" without a @Handle method`);
  if (entry !== undefined && container === undefined && (cls.length > 0 || produces))
    problems.push(`${name} needs a container to be made by: createApp({ container })`);
  return [...problems, ...inheritanceProblems(cls)];
}

/** What is wrong between consumers, or between them and their channels. */
export function problemsBetween(consumers: readonly ConsumerDraft[]): readonly string[] {
  const problems = [...sharedStores(consumers)];
  const owners = new Map<string, string>();
  for (const draft of consumers) {
    const { channel, owner } = draft;
    const name = nameOf(draft);
    const twin = owners.get(name);
    if (twin !== undefined)
      problems.push(
        `${owner} and ${twin} both consume "${name}": put the handlers into one class${channel.kind === 'queue' ? '; concurrency says how many run at one time' : ', or give one of them another group'}`,
      );
    owners.set(name, owner);
    problems.push(...groupProblems(draft), ...numberProblems(draft));
    const handled = new Map<string, string>();
    for (const handler of draft.handlers) {
      const { message, name: at } = handler;
      if (!channel.messages.some((each) => each.name === message.name)) {
        problems.push(
          `${at} handles "${message.name}", but channel "${channel.name}" carries only ${channel.messages.map((each) => `"${each.name}"`).join(', ')}: add it to the channel's messages, or move the handler`,
        );
      }
      const first = handled.get(message.name);
      if (first !== undefined) problems.push(`${first} and ${at} both handle "${message.name}": keep one`);
      handled.set(message.name, at);
    }
    const ignored = new Set(draft.options.ignore?.map((message) => message.name));
    for (const message of channel.kind === 'queue' ? channel.messages : []) {
      if (handled.has(message.name) || ignored.has(message.name)) continue;
      problems.push(
        `${owner} consumes queue "${channel.name}" but does not handle "${message.name}", and nobody else would get it: add a handler, or list it in ignore`,
      );
    }
  }
  return problems;
}
