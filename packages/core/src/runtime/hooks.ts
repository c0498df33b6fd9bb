import type { Headers } from '../transport/message.js';
import type { Verdict } from '../transport/verdict.js';

/** What an interceptor is made for: one end of one channel. */
export interface EndpointInfo {
  readonly direction: 'send' | 'receive';
  readonly channel: string;
  readonly group: string | undefined;
  /** OpenTelemetry's `messaging.system`. */
  readonly system: string;
  readonly address: string;
}

/**
 * Four optional hooks, named after OpenTelemetry's messaging operations. They see bytes' whereabouts and headers, never
 * payloads. What a hook throws fails what it stands around.
 */
export interface Interceptor {
  /** One outgoing message, in the caller's context; may add headers. */
  create?(message: { readonly type: string; readonly id: string; headers: Record<string, string> }): void;
  /** One batch on its way to the broker. */
  send?(count: number, next: () => Promise<void>): Promise<void>;
  /** One attempt, around decode and handler. */
  process?(delivery: { readonly type: string; readonly id?: string; readonly headers: Headers; readonly attempt: number }, next: () => Promise<void>): Promise<void>;
  /** One batch of settlements. */
  settle?(count: number, verdict: Verdict['type'], next: () => Promise<void>): Promise<void>;
}

/** Called once per endpoint at startup; undefined = nothing to do there, at no cost. */
export type InterceptorFactory = (endpoint: EndpointInfo) => Interceptor | undefined;

export type CreateHook = NonNullable<Interceptor['create']>;
export type SendHook = NonNullable<Interceptor['send']>;
export type ProcessHook = NonNullable<Interceptor['process']>;
export type SettleHook = NonNullable<Interceptor['settle']>;

/** The hooks of one endpoint, each folded into one function; undefined where nobody has one. */
export interface Hooks {
  readonly create: CreateHook | undefined;
  readonly send: SendHook | undefined;
  readonly process: ProcessHook | undefined;
  readonly settle: SettleHook | undefined;
}

/** Asks every factory once; the first interceptor is the outermost. */
export function foldHooks(factories: readonly InterceptorFactory[], endpoint: EndpointInfo): Hooks {
  const made = factories.map((factory) => factory(endpoint)).filter((each) => each !== undefined);
  const creates = made.filter((each) => each.create !== undefined);
  return {
    create: creates.length === 0 ? undefined : (message) => creates.forEach((each) => each.create?.(message)),
    send: fold(made, 'send', (inner, outer) => (count, next) => outer(count, () => inner(count, next))),
    process: fold(made, 'process', (inner, outer) => (delivery, next) => outer(delivery, () => inner(delivery, next))),
    settle: fold(made, 'settle', (inner, outer) => (count, verdict, next) => outer(count, verdict, () => inner(count, verdict, next))),
  };
}

function fold<K extends 'send' | 'process' | 'settle'>(
  made: readonly Interceptor[],
  name: K,
  wrap: (inner: NonNullable<Interceptor[K]>, outer: NonNullable<Interceptor[K]>) => NonNullable<Interceptor[K]>,
): NonNullable<Interceptor[K]> | undefined {
  const hooks = made.filter((each) => each[name] !== undefined).map((each) => (each[name] as NonNullable<Interceptor[K]>).bind(each) as NonNullable<Interceptor[K]>);
  return hooks.length === 0 ? undefined : hooks.reduceRight((inner, outer) => wrap(inner, outer));
}
