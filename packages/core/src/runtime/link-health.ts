import type { Clock } from '../transport/clock.js';
import type { MessagingError } from '../transport/errors.js';
import type { Logger } from './logger.js';

/** Down from the first failure until every end is open again. */
export interface LinkHealth {
  readonly ok: boolean;
  /** What is wrong, for people. */
  readonly why: string | undefined;
  /** Since when, in ms since 1970. */
  readonly since: number;
}

/** The health of one link, and its log: one line when it goes down and one when it is up again. */
export interface HealthRecord {
  readonly health: LinkHealth;
  /** The last failure since it was up. */
  readonly error: MessagingError | undefined;
  down(error: MessagingError, step: string): void;
  up(): void;
  closed(): void;
}

/** Begins down: not started. */
export function healthRecord(name: string, clock: Clock, log: Logger): HealthRecord {
  let health: LinkHealth = { ok: false, why: 'not started', since: clock.now() };
  let error: MessagingError | undefined;
  let began = clock.monotonic();
  let failures = 0;
  return {
    get health() {
      return health;
    },
    get error() {
      return error;
    },
    down(failure, step) {
      const fields = { transport: name, step, code: failure.code, error: failure.message };
      if (failures++ === 0) log.warn(fields, `transport "${name}" is down and is brought up again`);
      else log.debug(fields, `transport "${name}" is still down`);
      error = failure;
      if (health.ok) began = clock.monotonic();
      health = { ok: false, why: failure.message, since: health.ok ? clock.now() : health.since };
    },
    up() {
      if (health.ok) return;
      const ms = Math.round(clock.monotonic() - began);
      if (failures > 0) log.info({ transport: name, ms, failures }, `transport "${name}" is up again`);
      else log.debug({ transport: name, ms }, `transport "${name}" is up`);
      health = { ok: true, why: undefined, since: clock.now() };
      error = undefined;
      failures = 0;
    },
    closed() {
      health = { ok: false, why: 'closed', since: clock.now() };
    },
  };
}
