import type { Clock } from '../../src/transport/clock.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Message } from '../../src/transport/message.js';
import { type Failures, NONE, type Sender } from '../../src/transport/transport.js';

/** What becomes of one call; times in ms. `some` is every other entry, `all` fails the call as a whole. */
export interface Fate {
  readonly arriveMs: number;
  readonly confirmMs: number;
  readonly end:
    | 'ok'
    | 'some throttled'
    | 'some unanswered'
    | 'some invalid'
    | 'some missing'
    | 'all throttled'
    | 'all missing'
    | 'mute';
}

/** What the next `connect` does. `trap` = it succeeds, and the connection dies at once. */
export type Door = 'open' | 'refuse' | 'hang' | 'trap';

const throttled = new MessagingError('THROTTLED', 'slow down');
const missing = new MessagingError('NO_ROUTE', 'no such queue');
const ERRORS: Readonly<Record<Fate['end'], MessagingError>> = {
  ok: throttled,
  mute: throttled,
  'all throttled': throttled,
  'some throttled': throttled,
  'some missing': missing,
  'all missing': missing,
  'some unanswered': new MessagingError('TIMEOUT', 'no answer', { outcome: 'unknown' }),
  'some invalid': new MessagingError('INVALID', 'bad header'),
};

/** A broker behind one connection at a time. It says `failed` only of what it does not have and never will. */
export class FakeBroker {
  /** Ids by arrival, repeats included. */
  readonly arrived: string[] = [];
  readonly calls: (readonly Message[])[] = [];
  /** Most messages that were in calls of one sender at one time. */
  mostLive = 0;
  readonly #live = new Map<readonly Message[], (error: MessagingError) => void>();
  #links = 0;
  #up = false;

  constructor(
    readonly clock: Clock,
    readonly fate: () => Fate,
    readonly door: () => Door,
  ) {}

  readonly transport = {
    connect: async (): Promise<void> => {
      const door = this.door();
      if (door === 'hang') return new Promise<void>(() => {});
      if (door === 'refuse') throw new MessagingError('CONNECTION', 'connection refused');
      this.#links++;
      this.#up = true;
      if (door === 'trap') this.clock.timer(1, () => this.cut());
    },
    health: () => Promise.resolve({ ok: this.#up, why: this.#up ? undefined : 'socket closed' }),
    close: () => Promise.resolve(this.cut()),
  };

  /** The connection is gone; what has left may still arrive. */
  cut(): void {
    this.#up = false;
    const dead = [...this.#live.values()];
    this.#live.clear();
    for (const reject of dead) reject(new MessagingError('CONNECTION', 'socket closed', { outcome: 'unknown' }));
  }

  sender(): Sender {
    const link = this.#links;
    if (!this.#up) throw new MessagingError('CONNECTION', 'not connected');
    let closed = false;
    let inCalls = 0;
    return {
      send: async (batch) => {
        if (closed || link !== this.#links || !this.#up) throw new MessagingError('CONNECTION', 'sender is dead');
        inCalls += batch.length;
        this.mostLive = Math.max(this.mostLive, inCalls);
        return this.#send([...batch]).finally(() => (inCalls -= batch.length));
      },
      close: async () => {
        closed = true;
      },
    };
  }

  #send(batch: readonly Message[]): Promise<Failures> {
    const { arriveMs, confirmMs, end } = this.fate();
    const fails = (index: number): boolean => end.startsWith('all') || (end.startsWith('some') && index % 2 === 0);
    this.calls.push(batch);
    return new Promise((resolve, reject) => {
      this.#live.set(batch, reject);
      this.clock.timer(arriveMs, () => {
        const taken = batch.filter((_, index) => !fails(index) || end === 'some unanswered');
        this.arrived.push(...taken.map(({ id }) => id));
      });
      if (end === 'mute') return;
      this.clock.timer(arriveMs + confirmMs, () => {
        if (!this.#live.delete(batch)) return;
        if (end === 'ok') resolve(NONE);
        else if (end.startsWith('all')) reject(ERRORS[end]);
        else resolve(batch.flatMap((_, index) => (fails(index) ? [{ index, error: ERRORS[end] }] : [])));
      });
    });
  }
}
