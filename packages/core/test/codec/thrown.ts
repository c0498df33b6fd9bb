import { isMessagingError } from '../../src/transport/errors.js';

/** What `run` throws or rejects with, as far as people and programs see it; fails where it is no MessagingError. */
export async function thrown(
  run: () => unknown,
): Promise<{ readonly code: string; readonly message: string; readonly cause: unknown }> {
  try {
    await run();
  } catch (error) {
    if (!isMessagingError(error)) throw error;
    return { code: error.code, message: error.message, cause: error.cause };
  }
  throw new Error('nothing was thrown');
}
