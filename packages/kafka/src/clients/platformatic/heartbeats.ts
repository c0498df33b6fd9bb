import { nameOf } from '../../errors.js';

/** What a coordinator answers to the heartbeats of whoever is to join anew: they count all the same. */
const GATHERING = 'REBALANCE_IN_PROGRESS';

/**
 * Keeps a member alive while it settles what it has, before it joins anew: the library sends no heartbeats from where it heard that the
 * group gathers. `gone` is called once, where the group has forgotten it, the coordinator cannot be reached, or nothing was
 * answered for the session timeout. Returns what ends it.
 */
export function heartbeats(
  { heartbeatMs, sessionTimeoutMs }: { readonly heartbeatMs: number; readonly sessionTimeoutMs: number },
  beat: () => Promise<unknown>,
  gone: () => void,
): () => void {
  let isOver = false;
  const end = (): void => {
    isOver = true;
    clearTimeout(next);
    clearTimeout(silence);
  };
  const giveUp = (): void => {
    if (isOver) return;
    end();
    gone();
  };
  const send = async (): Promise<void> => {
    try {
      await beat();
    } catch (error) {
      if (nameOf(error) !== GATHERING) return giveUp();
    }
    if (isOver) return;
    silence.refresh();
    next = later();
  };
  const later = (): NodeJS.Timeout => setTimeout(() => void send(), heartbeatMs);
  let next = later();
  const silence = setTimeout(giveUp, sessionTimeoutMs);
  return end;
}
