import { createMover } from '../../src/emulate/mover.js';
import type { Delivery, Message } from '../../src/transport/message.js';
import type { Receiver } from '../../src/transport/transport.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { delivery, type FakeReceiver } from './fakes.js';

export const START = 1_767_225_600_000;

/** A message that leaves its step, and is due, so many ms after the start. */
export const parked = (id: string, leave: number, over: Partial<Delivery> & { readonly due?: number } = {}): Delivery => {
  const { due = leave, ...rest } = over;
  return delivery({
    id,
    headers: {
      tenant: 'acme',
      'omnibus-leave': String(START + leave),
      'omnibus-due': String(START + due),
      'omnibus-to': 'orders.q',
    },
    ...rest,
  });
};

/** A started mover, with what it forwarded (`id@ms`) and what health heard. */
export function moverOf(inner: FakeReceiver, over: { readonly window?: number; readonly receiver?: Receiver } = {}) {
  const clock = virtualClock(START);
  const health: (string | undefined)[] = [];
  const forwarded: string[] = [];
  const target = { forward: async (_to: string, _message: Message): Promise<void> => {} };
  const mover = createMover(over.receiver ?? inner, {
    forward: async (to, one) => {
      forwarded.push(`${one.id}@${clock.monotonic()}`);
      await target.forward(to, one);
    },
    clock,
    limits: { receiveBatch: 100, settleBatch: 10 },
    lockMs: 30_000,
    ...(over.window === undefined ? {} : { window: over.window }),
    onStuck: (error) => health.push(error?.message),
  });
  mover.start();
  return { clock, mover, health, forwarded, target };
}
