import { randomUUID } from 'node:crypto';
import { Line } from './stand-in-line.js';

/** One entry of a send, as the API has it. */
export interface Sent {
  readonly MessageBody: string;
  readonly MessageAttributes?: Readonly<Record<string, unknown>>;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

/** A message in a queue. */
export interface Stored {
  readonly id: string;
  readonly sent: Sent;
  readonly bodyMd5: string;
  readonly attributesMd5: string | undefined;
  readonly sequence: number;
  readonly sentAt: number;
  readonly line: Line<Stored>;
  receives: number;
  firstReceivedAt: number;
  /** Hidden until then, in ms; 0 = it waits in its line. */
  hiddenUntil: number;
  gone: boolean;
}

interface Poll {
  readonly max: number;
  readonly hideMs: number;
  readonly answer: (messages: readonly Stored[]) => void;
}

const SWEEP_MS = 50; // how late a message may be seen again
const REMEMBERED_MS = 300_000; // deduplication ids

/** A queue in memory: visibility, delay, long polls; on FIFO queues order, groups that wait for what is in flight, deduplication. */
export class StandInQueue {
  readonly attributes: Map<string, string>;
  readonly #messages = new Map<string, Stored>();
  readonly #hidden = new Set<Stored>();
  readonly #lines = new Map<string, Line<Stored>>();
  /** Lines that have something to give, in turn. */
  readonly #ready = new Set<Line<Stored>>();
  readonly #polls = new Set<Poll>();
  readonly #sent = new Map<string, { readonly message: Stored; readonly at: number }>();
  readonly #fifo: boolean;
  #sequence = 0;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(attributes: Readonly<Record<string, string>>) {
    this.attributes = new Map(Object.entries(attributes));
    this.#fifo = this.attributes.get('FifoQueue') === 'true';
  }

  /** An attribute in seconds, as ms. */
  ms(name: string, otherwise: number): number {
    return Number(this.attributes.get(name) ?? otherwise) * 1_000;
  }

  /** How many can be received, and how many are in flight or delayed. */
  get depth(): { readonly visible: number; readonly hidden: number } {
    return { visible: this.#messages.size - this.#hidden.size, hidden: this.#hidden.size };
  }

  send(sent: Sent, bodyMd5: string, attributesMd5: string | undefined): Stored {
    const repeated = this.#repeated(sent);
    if (repeated !== undefined) return repeated;
    const delayMs = sent.DelaySeconds === undefined ? this.ms('DelaySeconds', 0) : sent.DelaySeconds * 1_000;
    const message: Stored = {
      id: randomUUID(),
      sent,
      bodyMd5,
      attributesMd5,
      sequence: ++this.#sequence,
      sentAt: Date.now(),
      line: this.#line(this.#fifo ? (sent.MessageGroupId ?? '') : ''),
      receives: 0,
      firstReceivedAt: 0,
      hiddenUntil: 0,
      gone: false,
    };
    this.#messages.set(message.id, message);
    if (this.#fifo) this.#sent.set(this.#dedupKey(sent), { message, at: Date.now() });
    if (delayMs > 0) this.#hide(message, delayMs);
    else this.#show(message);
    this.#serve();
    return message;
  }

  /** Answers when there is something, or empty when the wait is over or `stop` was called. */
  receive(max: number, waitMs: number, hideMs: number, answer: (messages: readonly Stored[]) => void): { stop(): void } {
    const end = (messages: readonly Stored[]): void => {
      clearTimeout(timer);
      if (this.#polls.delete(poll)) answer(messages);
    };
    const poll: Poll = { max, hideMs, answer: end };
    const timer = waitMs > 0 ? setTimeout(end, waitMs, []) : undefined;
    this.#polls.add(poll);
    this.#serve();
    if (waitMs === 0) end([]);
    return { stop: () => end([]) };
  }

  /** Of the newest receipt; an older one changes nothing, as on AWS. */
  delete(receipt: string): void {
    const message = this.#of(receipt);
    if (message === undefined) return;
    message.gone = true;
    this.#messages.delete(message.id);
    if (this.#hidden.has(message)) this.#unhide(message);
    this.#serve();
  }

  /** False where the message is not in flight by this receipt. */
  changeVisibility(receipt: string, seconds: number): boolean {
    const message = this.#of(receipt);
    if (message === undefined || !this.#hidden.has(message)) return false;
    if (seconds > 0) message.hiddenUntil = Date.now() + seconds * 1_000;
    else {
      this.#show(message);
      this.#unhide(message);
      this.#serve();
    }
    return true;
  }

  purge(): void {
    for (const message of this.#messages.values()) message.gone = true;
    for (const line of this.#lines.values()) line.clear();
    for (const of of [this.#messages, this.#hidden, this.#ready, this.#lines]) of.clear();
  }

  /** Ends every poll and timer. */
  close(): void {
    clearInterval(this.#sweeping);
    for (const poll of this.#polls) poll.answer([]);
  }

  #serve(): void {
    for (const poll of this.#polls) {
      if (this.#ready.size === 0) return;
      const taken = this.#take(poll.max, poll.hideMs);
      if (taken.length > 0) poll.answer(taken);
    }
  }

  #take(max: number, hideMs: number): readonly Stored[] {
    const taken: Stored[] = [];
    for (const line of this.#ready) {
      this.#ready.delete(line);
      while (taken.length < max) {
        const message = line.take();
        if (message === undefined) break;
        message.receives++;
        if (message.receives === 1) message.firstReceivedAt = Date.now();
        taken.push(message);
      }
      for (const message of taken) if (message.line === line) this.#hide(message, hideMs);
      if (line.ready) this.#ready.add(line);
      if (taken.length === max) break;
    }
    return taken;
  }

  #hide(message: Stored, ms: number): void {
    message.hiddenUntil = Date.now() + ms;
    message.line.held++;
    this.#hidden.add(message);
    this.#sweeping ??= setInterval(() => this.#sweep(), SWEEP_MS);
  }

  #sweep(): void {
    const now = Date.now();
    for (const message of this.#hidden) {
      if (message.hiddenUntil > now) continue;
      this.#show(message);
      this.#unhide(message);
    }
    this.#serve();
    if (this.#hidden.size > 0) return;
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  #unhide(message: Stored): void {
    this.#hidden.delete(message);
    message.hiddenUntil = 0;
    message.line.held--;
    if (message.line.ready) this.#ready.add(message.line);
  }

  #show(message: Stored): void {
    message.line.add(message);
    if (message.line.ready) this.#ready.add(message.line);
  }

  #line(group: string): Line<Stored> {
    const line = this.#lines.get(group) ?? new Line<Stored>(this.#fifo);
    this.#lines.set(group, line);
    return line;
  }

  #of(receipt: string): Stored | undefined {
    const [id = '', receives] = receipt.split('.');
    const message = this.#messages.get(id);
    return message?.receives === Number(receives) ? message : undefined;
  }

  #dedupKey(sent: Sent): string {
    const perGroup = this.attributes.get('DeduplicationScope') === 'messageGroup';
    return `${perGroup ? sent.MessageGroupId : ''} ${sent.MessageDeduplicationId ?? sent.MessageBody}`;
  }

  #repeated(sent: Sent): Stored | undefined {
    if (!this.#fifo) return undefined;
    for (const [key, { at }] of this.#sent) {
      if (at > Date.now() - REMEMBERED_MS) break;
      this.#sent.delete(key);
    }
    return this.#sent.get(this.#dedupKey(sent))?.message;
  }
}
