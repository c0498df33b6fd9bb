import type { Size } from './bench.js';
import { consumeSide } from './consume.js';
import { CONCURRENCY, OrderPlaced, Orders, orders } from './contracts.js';
import type { HandlesOrders } from './handlers.js';
import { onSqs } from './sqs-app.js';
import type { Engine } from './sqs-broker.js';
import type { Mode } from './sqs-raw.js';
import { Tally } from './tally.js';
import { type Compared, compare, counted, type Side } from './windows.js';

/** One comparison with sqs-consumer. */
export interface Beside {
  readonly engine: Engine;
  readonly size: Size;
  /** Messages of a window. */
  readonly ours: number;
  readonly native: number;
  readonly mode: Mode;
  /** Of sqs-consumer, side by side in one process. */
  readonly instances: number;
}

/** Calls open while a queue is filled. */
const FILLING = 32;
const FEWEST = 24; // messages of a window

/** As many instances of ten messages as our handlers are. */
export const SIDE_BY_SIDE = Math.floor(CONCURRENCY / 10);

/** Consumes filled queues by handlers of this class: by an app, and by sqs-consumer. */
export function beside(Handler: new (tally: Tally) => HandlesOrders, how: Beside): Promise<Compared> {
  const tally = new Tally();
  const handler = new Handler(tally);
  return onSqs(how.engine, Orders, handler, ({ app, raw }) => {
    const ours = consumeSide({ app, channel: Orders, message: OrderPlaced, payloads: orders, tally });
    const native: Side = async (count) => {
      await raw.renew();
      await raw.send(count, FILLING);
      const taken = tally.time(count);
      await raw.consume(handler, count, how);
      return taken;
    };
    const few = Math.max(FEWEST, Math.round(how.native * how.size.scale));
    return compare(how.size, { ours: counted(how.ours, how.size), native: few }, ours, native);
  });
}
