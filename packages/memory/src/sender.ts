import { type Capabilities, type Failures, type Message, MessagingError, NONE, type Sender } from '@omnibus/core/transport';
import type { Broker } from './broker.js';
import { memoryError } from './errors.js';
import { fitness } from './fitness.js';
import type { Link } from './link.js';

/** The sending end of one address: a message is stored when `send` resolves. It keeps the messages that it is given. */
export function memorySender(broker: Broker, link: Link, address: string, capabilities: Capabilities): Sender {
  const { limits } = capabilities;
  const unfit = fitness(capabilities, address);
  const ended = new AbortController();
  const end = { cut: (error: MessagingError): void => ended.abort(error) };

  const store = (batch: readonly Message[]): Failures => {
    const object = broker.objects.get(address);
    const noRoute =
      object === undefined ? memoryError('NO_ROUTE', `nothing stands at '${address}'; provision it first`) : undefined;
    const full = (): MessagingError => memoryError('THROTTLED', `'${address}' holds as many messages as it may (maxMessages)`);
    if (limits.batchFailure === 'whole') {
      const fault =
        noRoute ?? batch.map(unfit).find((one) => one !== undefined) ?? (object!.room() < batch.length ? full() : undefined);
      if (fault !== undefined) throw fault;
    }
    const failures: { index: number; error: MessagingError }[] = [];
    for (let index = 0; index < batch.length; index++) {
      const message = batch[index]!;
      const error = noRoute ?? unfit(message) ?? (object!.accept(message) ? undefined : full());
      if (error !== undefined) failures.push({ index, error });
    }
    return failures.length === 0 ? NONE : failures;
  };

  link.add(end);
  return {
    async send(batch) {
      if (ended.signal.aborted) throw ended.signal.reason as MessagingError;
      if (batch.length > limits.sendBatch)
        throw memoryError('INVALID', `${batch.length} messages in one send to '${address}', the limit is ${limits.sendBatch}`);
      const passage = broker.faults.passage(address, ended.signal);
      if (passage !== undefined) await passage;
      const fault = broker.faults.nextSend();
      const failures = fault === undefined || fault.stored ? store(batch) : NONE;
      if (fault === undefined) return failures;
      throw new MessagingError('CONNECTION', `memory: a send to '${address}' failed, as the test asked`, {
        outcome: fault.outcome,
      });
    },
    async close() {
      link.delete(end);
      ended.abort(memoryError('CLOSED', `the sender to '${address}' is closed`));
    },
  };
}
