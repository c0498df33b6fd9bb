import type { Channel } from './channels.js';

/**
 * What the producer of a channel is bound to in the app's container. Channels of one name have one token, whichever copy of
 * this package made it, so its text must not change. A container that does not know the token prints it: it says what to do.
 */
export const producerToken = (channel: Channel): symbol =>
  Symbol.for(`Producer of channel "${channel.name}" (list the class that asks for it, or the channel, in createApp)`);
