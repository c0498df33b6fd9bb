import { createLink, type Link, type LinkEnd } from '../../src/runtime/link.js';
import { MessagingError } from '../../src/transport/errors.js';
import { type VirtualClock, virtualClock } from '../../src/transport/virtual-clock.js';

export const refused = new MessagingError('CONNECTION', 'connection refused');
export const cut = new MessagingError('CONNECTION', 'socket closed');
export const denied = new MessagingError('DENIED', 'wrong password');

/** What each step does; replaced by tests as they go. */
interface Steps {
  connect: () => Promise<void>;
  provision: () => Promise<void>;
  healthy: () => Promise<boolean | 'stands'>;
  close: () => Promise<void>;
}

export interface FakeEnd extends LinkEnd {
  isOpen: boolean;
  opens: number;
  onOpen: () => Promise<void>;
  onLost: () => Promise<void>;
}

export interface LinkBench {
  readonly clock: VirtualClock;
  readonly link: Link;
  readonly steps: Steps;
  /** All that was called, in order. */
  readonly calls: string[];
  /** Log lines: `warn transport "cloud" is down ...`. */
  readonly lines: string[];
  readonly end: (name: string) => FakeEnd;
  readonly start: () => Promise<void>;
  /** Calls since the last look. */
  readonly since: () => string[];
}

export function linkBench(): LinkBench {
  const clock = virtualClock();
  const calls: string[] = [];
  const lines: string[] = [];
  const steps: Steps = { connect: async () => {}, provision: async () => {}, healthy: async () => true, close: async () => {} };
  const call = <T>(name: string, step: () => Promise<T>): Promise<T> => {
    calls.push(name);
    return step();
  };
  const logger = (level: string) => (fields: object, text: string) =>
    void lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  const link = createLink({
    name: 'cloud',
    transport: {
      connect: () => call('connect', () => steps.connect()),
      health: () =>
        call('health', async () => {
          const healthy = await steps.healthy();
          if (healthy === true) return { ok: true, why: undefined };
          return healthy === 'stands'
            ? { ok: false, why: 'memory is short', linkStands: true }
            : { ok: false, why: 'no heartbeat' };
        }),
      close: () => call('close', () => steps.close()),
    },
    provision: () => call('provision', () => steps.provision()),
    clock,
    log: { debug: logger('debug'), info: logger('info'), warn: logger('warn'), error: logger('error') },
  });
  return {
    clock,
    link,
    steps,
    calls,
    lines,
    end(name) {
      const end: FakeEnd = {
        name,
        isOpen: false,
        opens: 0,
        onOpen: async () => {},
        onLost: async () => {},
        async open() {
          calls.push(`open ${name}`);
          end.opens++;
          await end.onOpen();
          end.isOpen = true;
        },
        async lost() {
          calls.push(`lost ${name}`);
          end.isOpen = false;
          await end.onLost();
        },
      };
      link.add(end);
      return end;
    },
    start: () => link.start(new AbortController().signal),
    since: () => calls.splice(0),
  };
}

export const never = (): Promise<never> => new Promise(() => {});
export const fails = (error: Error) => (): Promise<never> => Promise.reject(error);
