/** A signal that aborts with any of others, and takes its listeners away. */
export interface Linked {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** To be called at the end: `AbortSignal.any` would leave a trace of every call in signals that live long. */
  release(): void;
}

export function linked(...sources: readonly (AbortSignal | undefined)[]): Linked {
  const own = new AbortController();
  const links = sources.map((source) => {
    const abort = (): void => own.abort(source?.reason);
    if (source?.aborted === true) abort();
    else source?.addEventListener('abort', abort, { once: true });
    return () => source?.removeEventListener('abort', abort);
  });
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    release: () => links.forEach((unlink) => unlink()),
  };
}
