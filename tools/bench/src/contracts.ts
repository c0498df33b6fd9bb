import { type Codec, message, queue } from '@omnibus/core';
import { z } from 'zod';

/** Bytes of every body. */
export const BODY_BYTES = 1_024;

/** Handlers that run at one time, on both sides of every comparison. */
export const CONCURRENCY = 256;
/** Deliveries held unsettled, which is the prefetch where the broker has one; on both sides too. */
export const WINDOW = 1_024;

interface BlobTypes {
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

/** A Standard Schema that lets everything pass; `types` exists for the compiler alone. */
const passThrough = {
  '~standard': {
    version: 1 as const,
    vendor: 'bench',
    validate: (value: unknown) => ({ value: value as Uint8Array }),
    types: undefined as BlobTypes | undefined,
  },
};

/** Bytes as they stand; `bytesCodec` would copy them. */
const identityCodec: Codec = {
  contentType: 'application/octet-stream',
  encode: (value) => value as Uint8Array,
  decode: (body) => body,
};

/** Bytes that nobody reads: what is left is the engine itself. */
export const Blob = message('bench.blob', passThrough, { codec: identityCodec });

/** Carries blobs. */
export const Blobs = queue('bench.blobs', { messages: [Blob] });

/** What an order looks like, for both sides. */
export const orderSchema = z.object({
  orderId: z.string(),
  placedAt: z.number(),
  customer: z.object({ name: z.string(), email: z.string(), city: z.string() }),
  lines: z.array(z.object({ sku: z.string(), title: z.string(), quantity: z.number(), price: z.number() })),
  note: z.string(),
});

/** An order, as a handler gets it. */
export type Order = z.infer<typeof orderSchema>;

/** An order of `BODY_BYTES` as JSON. */
export const OrderPlaced = message('bench.order-placed', orderSchema);

/** Carries orders. */
export const Orders = queue('bench.orders', { messages: [OrderPlaced] });

/** Carries orders, those of one id in order. */
export const OrderedOrders = queue('bench.ordered', { messages: [OrderPlaced], key: (order) => order.orderId, ordered: true });

/** The orders that benches send, over and over; each is `BODY_BYTES` of JSON. */
export const orders: readonly Order[] = Array.from({ length: 1_000 }, (_, index) => makeOrder(index));

/** Blobs in the same number. */
export const blobs: readonly Uint8Array[] = orders.map((order) => Buffer.from(JSON.stringify(order)));

function makeOrder(index: number): Order {
  const number = 100_000 + index;
  const order: Order = {
    orderId: `order-${number}`,
    placedAt: 1_700_000_000_000,
    customer: { name: `Customer ${number}`, email: `customer.${number}@example.com`, city: 'Rotterdam' },
    lines: Array.from({ length: 8 }, (__, line) => ({
      sku: `sku-${number}-${line}`,
      title: `Article ${line} of order ${number}`,
      quantity: 1 + (line % 3),
      price: 1_999 + line,
    })),
    note: '',
  };
  return { ...order, note: '.'.repeat(BODY_BYTES - Buffer.byteLength(JSON.stringify(order))) };
}
