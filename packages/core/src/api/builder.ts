import type { Channel } from './channels.js';
import type { ConsumerBuilder } from './consumer.js';
import type { ConsumerDraft, HandlerDraft } from './draft.js';
import type { MessageType } from './messages.js';

/** A consumer by plain functions: the draft that it fills, and what the application calls. */
export function builder(
  channel: Channel,
  options: ConsumerDraft['options'],
): { readonly draft: ConsumerDraft; readonly builder: ConsumerBuilder<Channel> } {
  const owner = `app.consumer("${channel.name}")`;
  const draft: ConsumerDraft = { owner, channel, options, handlers: [] };
  const made = {
    handle(message: MessageType, second: HandlerDraft['options'] | HandlerDraft['call'], third?: HandlerDraft['call']) {
      const given = typeof second === 'function' ? {} : second;
      draft.handlers.push({
        name: `${owner}.handle("${message.name}")`,
        message,
        options: given,
        call: typeof second === 'function' ? second : (third as HandlerDraft['call']),
      });
      return made;
    },
  };
  return { draft, builder: made as unknown as ConsumerBuilder<Channel> };
}
