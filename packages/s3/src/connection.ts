import { openClient, type S3Client } from './client.js';
import { hasEnded } from './errors.js';
import type { ResolvedOptions } from './store-options.js';

/** Opens a client with the first call, closes it when nobody uses it any more, and opens another with the next. */
export interface Connection {
  /** A call that fails because its login has ended is made once more, with a client that asks for the login anew. */
  use<T>(call: (client: S3Client) => Promise<T>): Promise<T>;
  /** Resolves when what runs has ended and the sockets are closed. */
  close(): Promise<void>;
}

interface Lent {
  readonly client: Promise<S3Client>;
  users: number;
  retired: boolean;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

export function connection(options: ResolvedOptions, open: typeof openClient = openClient): Connection {
  let current: Lent | undefined;

  const lend = (): Lent => {
    if (current === undefined) {
      let end!: () => void;
      const ended = new Promise<void>((resolve) => (end = resolve));
      current = { client: open(options), users: 0, retired: false, ended, end };
    }
    return current;
  };
  const retire = async (lent: Lent): Promise<void> => {
    if (current === lent) current = undefined;
    lent.retired = true;
    if (lent.users === 0) await shut(lent);
  };
  const shut = async (lent: Lent): Promise<void> => {
    const client = await lent.client.catch(() => undefined);
    client?.close();
    lent.end();
  };
  const once = async <T>(lent: Lent, call: (client: S3Client) => Promise<T>): Promise<T> => {
    lent.users++;
    try {
      return await call(await lent.client);
    } catch (error) {
      if (hasEnded(error)) void retire(lent);
      throw error;
    } finally {
      lent.users--;
      if (lent.retired && lent.users === 0) void shut(lent);
    }
  };

  return {
    async use(call) {
      try {
        return await once(lend(), call);
      } catch (error) {
        if (!hasEnded(error)) throw error;
        return once(lend(), call);
      }
    },
    async close() {
      const lent = current;
      if (lent === undefined) return;
      await retire(lent);
      await lent.ended;
    },
  };
}
