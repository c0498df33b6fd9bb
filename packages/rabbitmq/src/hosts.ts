import { type Clock, isMessagingError, type MessagingError } from '@omnibus/core/transport';
import { rabbitMqError } from './errors.js';
import type { ResolvedOptions } from './options.js';

/** One node of the broker, and how to log in there. */
export interface Host {
  readonly protocol: 'amqp' | 'amqps';
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly vhost: string;
  readonly heartbeatSeconds: number;
}

/** Host, port and vhost, as errors name them. */
export const whereIs = ({ hostname, port, vhost }: Host): string => `${hostname}:${port} (vhost '${vhost}')`;

/** The hosts that `url` names. Throws CONFIG where one cannot be meant; the error shows its place in the list, never its text. */
export function hostsOf(options: ResolvedOptions): readonly Host[] {
  if (options.url.length === 0) throw rabbitMqError('CONFIG', "the option 'url' names no host");
  return options.url.map((text, index) => parse(text, options.url.length === 1 ? 'url' : `url[${index}]`, options));
}

function parse(text: string, name: string, options: ResolvedOptions): Host {
  const bad = (why: string): MessagingError =>
    rabbitMqError('CONFIG', `the option '${name}' ${why}; it looks like amqp://user:password@host:5672/vhost`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw bad('is no URL');
  const protocol = url.protocol === 'amqp:' ? 'amqp' : url.protocol === 'amqps:' ? 'amqps' : undefined;
  if (protocol === undefined) throw bad('does not begin with amqp:// or amqps://');
  if (url.hostname === '') throw bad('names no host');
  for (const parameter of url.searchParams.keys()) {
    if (parameter !== 'heartbeat') throw bad(`has the parameter '${parameter}', but only 'heartbeat' is known`);
  }
  const heartbeat = url.searchParams.get('heartbeat');
  if (heartbeat !== null && !/^[1-9]\d{0,3}$/.test(heartbeat)) throw bad('has a heartbeat that is not 1 to 9999 seconds');
  try {
    const vhost = decodeURIComponent(url.pathname.slice(1));
    const absent = url.username === '' && url.password === '' ? 'guest' : '';
    return {
      protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (protocol === 'amqp' ? 5672 : 5671) : Number(url.port),
      username: options.username ?? (decodeURIComponent(url.username) || absent),
      password: options.password ?? (decodeURIComponent(url.password) || absent),
      vhost: vhost === '' ? '/' : vhost,
      heartbeatSeconds: heartbeat === null ? Math.round(options.heartbeatMs / 1_000) : Number(heartbeat),
    };
  } catch {
    throw bad('has a % that encodes nothing'); // without the cause: it quotes the URL
  }
}

/** Opens a host within `timeoutMs`. */
type Open<T> = (host: Host, timeoutMs: number) => Promise<T>;

/**
 * Makes what tries the hosts one after another until one lets us in: from the last good one, at first from a random one, so that
 * many processes spread over the nodes. Ends at `untilMs` (`Clock.monotonic`); the next call goes on where this one stopped.
 * Throws what one host refuses for good (DENIED, CAPABILITY), else CONNECTION with what each host said.
 */
export function hostRounds(hosts: readonly Host[], clock: Clock, connectTimeoutMs: number) {
  let next = Math.floor(Math.random() * hosts.length);
  return async <T>(untilMs: number, open: Open<T>): Promise<T> => {
    const failures: MessagingError[] = [];
    for (const _ of hosts) {
      const leftMs = Math.floor(untilMs - clock.monotonic());
      if (leftMs <= 0) break;
      try {
        return await open(hosts[next]!, Math.min(connectTimeoutMs, leftMs));
      } catch (error) {
        if (!isMessagingError(error, 'CONNECTION')) throw error;
        failures.push(error);
        next = (next + 1) % hosts.length;
      }
    }
    if (failures.length === 1) throw failures[0]!;
    const whys = failures.map((failure) => failure.message.replace(/^rabbitmq: /, ''));
    throw rabbitMqError('CONNECTION', `no host lets us in: ${whys.join('; ')}`, { cause: new AggregateError(failures) });
  };
}
