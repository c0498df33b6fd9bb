import { nameOf } from '../../errors.js';

/** What a coordinator answers to the heartbeats of whoever is to join anew: they count all the same. */
const GATHERING = 'REBALANCE_IN_PROGRESS';

/**
 * Keeps a member alive while it settles what it has, before it joins anew: the library sends no heartbeats from where it heard that the
 * group gathers. One of the two is called, once: `gone` where the group has forgotten it, or the coordinator cannot be reached; `silent`
 * where nothing was answered for the session timeout. Returns what ends it.
 */
export function heartbeats(
  { heartbeatMs, sessionTimeoutMs }: { readonly heartbeatMs: number; readonly sessionTimeoutMs: number },
  beat: () => Promise<unknown>,
  { gone, silent }: { readonly gone: () => void; readonly silent: () => void },
): () => void {
  let isOver = false;
  const end = (): void => {
    isOver = true;
    clearTimeout(next);
    clearTimeout(silence);
  };
  const giveUp = (told: () => void): void => {
    if (isOver) return;
    end();
    told();
  };
  const send = async (): Promise<void> => {
    try {
      await beat();
    } catch (error) {
      if (nameOf(error) !== GATHERING) return giveUp(gone);
    }
    if (isOver) return;
    silence.refresh();
    next = later();
  };
  const later = (): NodeJS.Timeout => setTimeout(() => void send(), heartbeatMs);
  let next = later();
  const silence = setTimeout(() => giveUp(silent), sessionTimeoutMs);
  return end;
}
