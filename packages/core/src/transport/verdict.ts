/**
 * What becomes of a delivery.
 * - `ack`: done, the broker forgets it.
 * - `retry`: a failure; deliver it again after `delayMs`.
 * - `reject`: hopeless; it goes to the dead-letter channel with `reason` (always by the core's emulator: one path everywhere).
 * - `release`: untouched, no failure, no delay: give it back.
 */
export type Verdict =
  | { readonly type: 'ack' }
  /** `attempts`: the failed attempt's number; a copy carries one more. */
  | { readonly type: 'retry'; readonly delayMs: number; readonly attempts?: number | undefined }
  | {
      readonly type: 'reject';
      readonly reason: string;
      readonly error?: string | undefined;
      readonly attempts?: number | undefined;
      readonly first?: number | undefined;
    }
  | { readonly type: 'release' };

/** The verdict `ack`, shared: compare it by identity. */
export const ACK: Verdict = Object.freeze({ type: 'ack' });
/** The verdict `release`, shared. */
export const RELEASE: Verdict = Object.freeze({ type: 'release' });
