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
  process?(
    delivery: { readonly type: string; readonly id?: string; readonly headers: Headers; readonly attempt: number },
    next: () => Promise<void>,
  ): Promise<void>;
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
    send: fold(
      made.flatMap((each) => (each.send === undefined ? [] : [each.send.bind(each)])),
      (outer, inner) => (count, next) => outer(count, () => inner(count, next)),
    ),
    process: fold(
      made.flatMap((each) => (each.process === undefined ? [] : [each.process.bind(each)])),
      (outer, inner) => (delivery, next) => outer(delivery, () => inner(delivery, next)),
    ),
    settle: fold(
      made.flatMap((each) => (each.settle === undefined ? [] : [each.settle.bind(each)])),
      (outer, inner) => (count, verdict, next) => outer(count, verdict, () => inner(count, verdict, next)),
    ),
  };
}

/** One function of many; nothing of none. */
function fold<H>(hooks: readonly H[], wrap: (outer: H, inner: H) => H): H | undefined {
  return hooks.length === 0 ? undefined : hooks.reduceRight((inner, outer) => wrap(outer, inner));
}
