import { textOf } from '../transport/errors.js';
import type { Headers, Message } from '../transport/message.js';
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

/** One message as the hooks that are told see it: as it crosses the seam, with bytes instead of a payload. */
export type Passing = Readonly<Message>;

/** How one attempt at a message ended, or that it was never begun: `skipped` and `expired` reach no handler. */
export interface Ending {
  /** `retried`: another attempt follows. `dead`: it goes to the dead-letter channel. */
  readonly as: 'handled' | 'retried' | 'dead' | 'skipped' | 'expired';
  /** 1 = first. */
  readonly attempt: number;
  /** Why it is dead, as its dead letter says it. */
  readonly reason?: string | undefined;
  /** What the handler or its schema threw; undefined where the handler decided by its outcome, or was never called. */
  readonly error?: unknown;
}

/**
 * Optional hooks: four that stand around what they are named after, in OpenTelemetry's words for messaging operations, and
 * two (`sent`, `ended`) that are told afterwards. What a hook throws fails what it stands around; what those two throw is a
 * warning of the process.
 */
export interface Interceptor {
  /** One outgoing message, in the caller's context; may add headers. */
  create?(message: { readonly type: string; readonly id: string; headers: Record<string, string> }): void;
  /** One batch on its way to the broker. */
  send?(count: number, next: () => Promise<void>): Promise<void>;
  /** Told that the broker has a message. */
  sent?(message: Passing): void;
  /** One attempt, around decode, handler, and the sending of what that returned: its reply, or what `publish: to()` sends on. */
  process?(
    delivery: { readonly type: string; readonly id?: string; readonly headers: Headers; readonly attempt: number },
    next: () => Promise<void>,
  ): Promise<void>;
  /** Told how an attempt ended, before it is settled. Not told of what was lost: that comes again. */
  ended?(delivery: Passing, ending: Ending): void;
  /** One batch of settlements. */
  settle?(count: number, verdict: Verdict['type'], next: () => Promise<void>): Promise<void>;
}

/** Called once per endpoint at startup; undefined = nothing to do there, at no cost. */
export type InterceptorFactory = (endpoint: EndpointInfo) => Interceptor | undefined;

export type CreateHook = NonNullable<Interceptor['create']>;
export type SendHook = NonNullable<Interceptor['send']>;
export type ProcessHook = NonNullable<Interceptor['process']>;
export type SettleHook = NonNullable<Interceptor['settle']>;
export type SentHook = NonNullable<Interceptor['sent']>;
export type EndedHook = NonNullable<Interceptor['ended']>;

/** The hooks of one endpoint, each folded into one function; undefined where nobody has one. */
export interface Hooks {
  readonly create: CreateHook | undefined;
  readonly send: SendHook | undefined;
  readonly process: ProcessHook | undefined;
  readonly settle: SettleHook | undefined;
  readonly sent: SentHook | undefined;
  readonly ended: EndedHook | undefined;
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
    sent: tell(made.flatMap((each) => (each.sent === undefined ? [] : [each.sent.bind(each)]))),
    ended: tell(made.flatMap((each) => (each.ended === undefined ? [] : [each.ended.bind(each)]))),
  };
}

/** All of them, one after another; what one throws stops neither the others nor the message. */
function tell<A extends readonly unknown[]>(hooks: readonly ((...args: A) => void)[]): ((...args: A) => void) | undefined {
  if (hooks.length === 0) return undefined;
  return (...args) => {
    for (const hook of hooks) {
      try {
        hook(...args);
      } catch (error) {
        process.emitWarning(`an interceptor that was told of a message threw: ${textOf(error)}`, 'OmnibusWarning');
      }
    }
  };
}

/** One function of many; nothing of none. */
function fold<H>(hooks: readonly H[], wrap: (outer: H, inner: H) => H): H | undefined {
  return hooks.length === 0 ? undefined : hooks.reduceRight((inner, outer) => wrap(outer, inner));
}
