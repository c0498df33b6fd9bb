import type { Clock, Drift, MessagingError } from '@omnibus/core/transport';
import { type AmqpChannel, shut } from './client.js';
import { ANSWER_MS, within } from './deadline.js';
import type { Declaration } from './declaration.js';
import { brokerText, callError, isUnavailable, rabbitMqError, replyCode } from './errors.js';
import type { Link } from './link.js';

/** Makes one call on a throw-away channel; what the broker refuses is a value. Throws where the link is lost. */
type Call = (what: string, run: (channel: AmqpChannel) => Promise<unknown>) => Promise<unknown>;

/**
 * `create` makes what is missing, `verify` makes nothing. Neither changes or deletes what exists: the broker refuses a
 * declaration with another argument, and its words become Drift. Throws DENIED where the user may not declare.
 */
export async function declare(
  link: Link,
  clock: Clock,
  declarations: readonly Declaration[],
  mode: 'create' | 'verify',
): Promise<readonly Drift[]> {
  const drifts: Drift[] = [];
  let channel: AmqpChannel | undefined;
  const call: Call = async (what, run) => {
    channel ??= await link.openChannel('plain', () => undefined);
    try {
      await within(clock, ANSWER_MS, what, run(channel));
      return undefined;
    } catch (error) {
      void shut(channel); // mostly the broker closed it
      channel = undefined;
      throwIfLost(link);
      return error;
    }
  };
  try {
    for (const declaration of declarations) {
      const drift = await (mode === 'create' ? create : verify)(declaration, call, link.where);
      if (drift !== undefined) drifts.push(drift);
    }
  } finally {
    if (channel !== undefined) void shut(channel);
  }
  return mode === 'create' ? drifts : [...drifts, ...bindings(declarations)];
}

/** Whether an exchange stands on the broker. */
export async function hasExchange(link: Link, clock: Clock, name: string): Promise<boolean> {
  const what = `looking at exchange '${name}' on ${link.where}`;
  const channel = await link.openChannel('plain', () => undefined);
  try {
    await within(clock, ANSWER_MS, what, channel.checkExchange(name));
    return true;
  } catch (error) {
    if (replyCode(error) === 404) return false;
    throw callError(what, error);
  } finally {
    void shut(channel);
  }
}

function throwIfLost({ lost }: Link): void {
  if (lost !== undefined) throw lost;
}

/** Declaring what exists changes nothing: one call makes, and compares. */
async function create(declaration: Declaration, call: Call, where: string): Promise<Drift | undefined> {
  const what = `declaring ${nameOf(declaration)} on ${where}`;
  const refusal = await call(what, (channel) => make(channel, declaration));
  if (refusal === undefined) return undefined;
  return differenceIn(declaration, refusal) ?? raise(refused(what, refusal));
}

/** A passive declaration says whether it exists; only then an active one, which compares, makes nothing. */
async function verify(declaration: Declaration, call: Call, where: string): Promise<Drift | undefined> {
  if (declaration.object === 'binding') return undefined;
  const { object, name } = declaration;
  const what = `looking at ${nameOf(declaration)} on ${where}`;
  const absence = await call(what, (channel) => (object === 'queue' ? channel.checkQueue(name) : channel.checkExchange(name)));
  if (replyCode(absence) === 404 && !isUnavailable(absence)) return drift(declaration, 'existence', 'present', 'missing');
  if (absence !== undefined) throw refused(what, absence);
  const refusal = await call(what, (channel) => make(channel, declaration));
  if (refusal === undefined) return undefined;
  // only who may configure an object is told how it is configured
  if (replyCode(refusal) === 403) return drift(declaration, 'arguments', JSON.stringify(declaration.arguments), 'unreadable');
  return differenceIn(declaration, refusal) ?? raise(refused(what, refusal));
}

function make(channel: AmqpChannel, declaration: Declaration): Promise<unknown> {
  const { name } = declaration;
  switch (declaration.object) {
    case 'queue':
      return channel.assertQueue(name, { durable: true, arguments: declaration.arguments });
    case 'exchange':
      return channel.assertExchange(name, 'topic', { durable: declaration.durable, arguments: declaration.arguments });
    case 'binding':
      return declaration.of === 'queue'
        ? channel.bindQueue(name, declaration.source, declaration.key)
        : channel.bindExchange(name, declaration.source, declaration.key);
  }
}

const nameOf = ({ object, name }: Declaration): string => `${object} '${name}'`;

const drift = (declaration: Declaration, property: string, wanted: string, found: string): Drift => ({
  object: nameOf(declaration),
  property,
  wanted,
  found,
});

/** The broker's words for an object that stands there with another argument (AMQP 406); it names the first one only. */
const DIFFERS = /inequivalent arg '([^']+)' for (?:queue|exchange) '.*' in vhost '.*': received (.+?) but current is (.+)$/s;

function differenceIn(declaration: Declaration, refusal: unknown): Drift | undefined {
  const [, property, received, current] = DIFFERS.exec(brokerText(refusal)) ?? [];
  return property === undefined ? undefined : drift(declaration, property, valueIn(received!), valueIn(current!));
}

/** Of `the value '10' of type 'short'`, `'10'` or `none`. */
const valueIn = (text: string): string => /'(.*?)'/s.exec(text)?.[1] ?? text;

/** Bindings cannot be read over AMQP: one line for each pair of ends that has any. */
function bindings(declarations: readonly Declaration[]): readonly Drift[] {
  const keys = new Map<string, string[]>();
  for (const declaration of declarations) {
    if (declaration.object !== 'binding') continue;
    const object = `bindings of ${declaration.of} '${declaration.name}' to '${declaration.source}'`;
    keys.set(object, [...(keys.get(object) ?? []), declaration.key]);
  }
  return [...keys].map(([object, wanted]) => ({ object, property: 'keys', wanted: wanted.join(', '), found: 'unreadable' }));
}

function refused(what: string, error: unknown): MessagingError {
  if (replyCode(error) !== 403) return callError(what, error);
  const help = "give the user the permission to configure it, or use 'provision: assume' and have an operator make it";
  return rabbitMqError('DENIED', `${what} was refused: ${brokerText(error)}. Either ${help}`, { cause: error });
}

function raise(error: MessagingError): never {
  throw error;
}
