import type { ClaimPointer } from '../codec/pointer.js';
import type { Permission } from '../transport/transport.js';

/** What an app does with its store. */
export interface ClaimUses {
  /** It sends: it keeps bodies, and forgets what was not sent in the end. */
  readonly writes: boolean;
  readonly reads: boolean;
  /** It forgets what it has handled. */
  readonly deletes: boolean;
}

/**
 * Keeps bodies that are too large for a broker, under keys of its own. Made by `s3Store` of @omnibus/s3, by `memoryClaimStore`,
 * or by the application. Calls may overlap. Each ends soon after its signal aborts, rejecting with whatever it likes; the core
 * waits no longer than that itself. It opens what it needs with its first call, also with the first one after `close`.
 *
 * What a call rejects with decides what becomes of the message, so it is a MessagingError: NOT_FOUND where the object is gone
 * (the message is a dead letter at once, reason `claim-missing`), TOO_LARGE beyond `maxBytes` (`claim-too-large`), INVALID where
 * a pointer may not be followed (`claim-refused`); anything else is retried by the consumer's policy, and what then still is
 * DENIED dies as `claim-denied`.
 */
export interface ClaimStore {
  /** Where it keeps things, for the plan: `s3://bucket/prefix`. */
  readonly name: string;
  /** The least that a login must be allowed, for the plan; of the roles `produce` and `consume`. Pure. Absent: the store has no such rules. */
  permissions?(uses: ClaimUses): readonly Permission[];
  /** Keeps a body under a key that nothing else has; resolves when it would survive a crash. `body` is borrowed. */
  put(body: Uint8Array, options: { readonly signal: AbortSignal; readonly contentType: string }): Promise<ClaimPointer>;
  /**
   * The body behind a pointer. The pointer came with a message, from outside: the store decides whether it may be followed. Never
   * holds more than `maxBytes` in memory, whatever the object's size is said to be.
   */
  get(pointer: ClaimPointer, options: { readonly signal: AbortSignal; readonly maxBytes: number }): Promise<Uint8Array>;
  /** Forgets a body; one that is gone already is no error. Refuses what `get` refuses. */
  delete(pointer: ClaimPointer, options: { readonly signal: AbortSignal }): Promise<void>;
  /** The app has stopped: gives back connections, once what runs has ended. */
  close?(): Promise<void>;
}
