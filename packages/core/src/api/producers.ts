import type { Channel } from './channels.js';
import type { ContainerLike } from './container.js';
import type { ConsumerDraft } from './draft.js';
import type { Producer } from './producer.js';
import { producer, type SendingRoom } from './sending.js';
import { producerToken } from './tokens.js';

/** Every channel that the app sends to, its producer, and who asked for it. */
export class Producers {
  readonly #room: SendingRoom;
  readonly #known = new Map<
    string,
    { readonly channel: Channel; readonly owners: Set<string>; readonly producer: Producer<Channel> }
  >();

  /** Every declaration of a channel that somebody sends to: those of one name should agree. */
  readonly declared: { readonly channel: Channel; readonly owner: string }[] = [];

  constructor(room: SendingRoom) {
    this.#room = room;
  }

  get all(): readonly { readonly channel: Channel; readonly owner: string }[] {
    return [...this.#known.values()].map(({ channel, owners }) => ({ channel, owner: [...owners].join(', ') }));
  }

  get(channel: Channel): Producer<Channel> | undefined {
    return this.#known.get(channel.name)?.producer;
  }

  /** Somebody sends to it. Channels of one name are one channel. */
  add(channel: Channel, owner: string): Producer<Channel> {
    let known = this.#known.get(channel.name);
    if (known === undefined) {
      known = { channel, owners: new Set(), producer: producer(channel, this.#room) };
      this.#known.set(channel.name, known);
    }
    known.owners.add(owner);
    if (!this.declared.some((each) => each.channel === channel)) this.declared.push({ channel, owner });
    return known.producer;
  }

  /** What handlers send to by `publish: to()`. */
  addRoutes(drafts: readonly ConsumerDraft[]): void {
    for (const { options, name } of drafts.flatMap(({ handlers }) => handlers)) {
      if (options.publish !== undefined) this.add(options.publish.channel, name);
    }
  }

  /** What keeps them from being bound. */
  problems(container: ContainerLike | undefined): readonly string[] {
    const bound = [...this.#known.values()].find(({ channel }) => container?.isBound(producerToken(channel)) === true);
    if (bound === undefined) return [];
    return [
      `this container already belongs to a running app ("${bound.channel.name}" is bound): stop that app first, or give each app its own container`,
    ];
  }

  /** Binds them for @InjectProducer and @Publish. */
  bind(container: ContainerLike | undefined): void {
    for (const { channel, producer: value } of this.#known.values())
      container?.bind(producerToken(channel)).toConstantValue(value);
  }

  async unbind(container: ContainerLike | undefined): Promise<void> {
    for (const { channel, producer: value } of this.#known.values()) {
      const token = producerToken(channel);
      if (container?.isBound(token) === true && (await container.getAsync(token as never)) === value)
        await container.unbindAsync(token);
    }
  }
}
