import type { SendOutcome } from '@omnibus/core/transport';

interface FailingSends {
  count: number;
  readonly outcome: SendOutcome;
  readonly stored: boolean;
}

/** What a test made the broker do wrong. */
export class Faults {
  /** No new link is let in. */
  refusing = false;
  /** Nothing new is made. */
  denying = false;
  private failing: FailingSends = { count: 0, outcome: 'failed', stored: false };
  private blockedAll = false;
  private readonly blocked = new Set<string>();
  private readonly stalled = new Set<() => void>();

  failSends(count: number, outcome: SendOutcome, stored: boolean): void {
    this.failing = { count, outcome, stored };
  }

  /** What the send that asks must suffer. */
  nextSend(): Omit<FailingSends, 'count'> | undefined {
    if (this.failing.count <= 0) return undefined;
    this.failing.count -= 1;
    return this.failing;
  }

  /** Without an address: every one. */
  block(address: string | undefined): void {
    if (address === undefined) this.blockedAll = true;
    else this.blocked.add(address);
  }

  /** Without an address: all of them. */
  unblock(address: string | undefined): void {
    if (address === undefined) {
      this.blockedAll = false;
      this.blocked.clear();
    } else this.blocked.delete(address);
    for (const look of [...this.stalled]) look();
  }

  /** What is blocked, for people; undefined = nothing. */
  get blockedWhat(): string | undefined {
    if (this.blockedAll) return 'all sends are blocked';
    return this.blocked.size === 0 ? undefined : `sends are blocked to ${[...this.blocked].join(', ')}`;
  }

  /** Resolves when sends to this address may pass, rejects with the signal's reason; undefined = at once. */
  passage(address: string, signal: AbortSignal): Promise<void> | undefined {
    const open = (): boolean => !this.blockedAll && !this.blocked.has(address);
    if (open()) return undefined;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!signal.aborted && !open()) return;
        this.stalled.delete(look);
        signal.removeEventListener('abort', look);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      };
      this.stalled.add(look);
      signal.addEventListener('abort', look, { once: true });
    });
  }
}
