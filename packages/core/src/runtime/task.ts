import type { Timer } from '../transport/clock.js';
import type { Delivery } from '../transport/message.js';
import type { MessageContext } from './context.js';
import type { Handler } from './handler.js';
import type { Lane } from './lanes.js';
import type { Session } from './session.js';

/**
 * Where a task stands. `free`: its delivery is settled or given back. `abandoned`: its handler still runs but nobody waits for
 * it (timed out, or the lease is gone), so it is never used again.
 */
export type TaskState = 'free' | 'ready' | 'running' | 'waiting' | 'settling' | 'abandoned';

/** One delivery on its way through the engine; used again for another after it is settled. */
export class Task {
  readonly session: Session;
  state: TaskState = 'free';
  delivery!: Delivery;
  lane: Lane | undefined = undefined;
  handler: Handler | undefined = undefined;
  context: MessageContext | undefined = undefined;
  payload: unknown = undefined;
  /** Wall time of its first attempt here, in ms since 1970. */
  first = 0;
  /** Failed attempts in this process, since this delivery came. */
  failures = 0;
  /** The lock, lease or link is gone: nothing about this delivery may be settled any more. */
  lost = false;
  timer: Timer | undefined = undefined;
  /** Made once, so that awaiting a handler makes no closure per message. */
  readonly onValue: (value: unknown) => void;
  readonly onError: (error: unknown) => void;

  constructor(session: Session, onValue: (task: Task, value: unknown) => void, onError: (task: Task, error: unknown) => void) {
    this.session = session;
    this.onValue = (value) => onValue(this, value);
    this.onError = (error) => onError(this, error);
  }
}

/** Whether its delivery may still be settled. */
export const isAlive = (task: Task): boolean => !task.lost && task.session.alive;
