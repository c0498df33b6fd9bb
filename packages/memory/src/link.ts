import type { MessagingError } from '@omnibus/core/transport';

/** A sender or receiver, as its link sees it. */
export interface LinkEnd {
  /** Nothing goes over the link any more, and `error` says why; `lost` = it broke, else it was closed. */
  cut(error: MessagingError, lost: boolean): void;
}

/** One connection of a transport to its broker. What was opened on it ends with it. */
export class Link {
  private readonly ends = new Set<LinkEnd>();
  private readonly temporaries = new Set<() => void>();
  /** Why the link ended; undefined = it stands. */
  failure: MessagingError | undefined;

  constructor(private readonly onEnd: (link: Link) => void) {}

  /** Throws why the link ended. */
  check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  get open(): boolean {
    return this.failure === undefined;
  }

  add(end: LinkEnd): void {
    this.ends.add(end);
  }

  delete(end: LinkEnd): void {
    this.ends.delete(end);
  }

  /** An object that lives as long as the link. */
  addTemporary(remove: () => void): void {
    this.temporaries.add(remove);
  }

  end(error: MessagingError, lost: boolean): void {
    this.failure = error;
    for (const end of this.ends) end.cut(error, lost);
    for (const remove of this.temporaries) remove();
    this.ends.clear();
    this.temporaries.clear();
    this.onEnd(this);
  }
}
