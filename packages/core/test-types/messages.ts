import { type InputOf, message, type PayloadOf, type ReplyInputOf, type ReplyOf } from '@omnibus/core';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { type Equal, GetQuote, OrderCancelled, OrderPlaced, same } from './contracts.js';

const codec = { contentType: 'application/x-own', encode: () => new Uint8Array(), decode: () => ({}) };

// A handler gets the schema's output, `send` takes its input.
same<Equal<PayloadOf<typeof OrderCancelled>, { orderId: string; why: string }>>();
same<Equal<InputOf<typeof OrderCancelled>, { orderId: string; why?: string | undefined }>>();
same<Equal<ReplyOf<typeof GetQuote>, { price: number; currency: string }>>();
same<Equal<ReplyInputOf<typeof GetQuote>, { price: number; currency?: string | undefined }>>();
same<Equal<ReplyOf<typeof OrderPlaced>, never>>();
same<Equal<typeof OrderPlaced.name, 'order.placed'>>();

// A schema must accept its own output after JSON: zod.
message('zod.iso', z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }));
message('zod.coerced', z.object({ at: z.coerce.date<string | Date>() }));
message(
  'zod.wide',
  z.object({
    any: z.any(),
    unknown: z.unknown(),
    record: z.record(z.string(), z.array(z.union([z.string(), z.null()]))),
    optional: z.string().optional(),
    branded: z.string().brand<'Id'>(),
  }),
);
message(
  'zod.union',
  z.discriminatedUnion('k', [z.object({ k: z.literal('a'), n: z.number() }), z.object({ k: z.literal('b') })]),
);
interface Tree {
  name: string;
  children: Tree[];
}
const tree: z.ZodType<Tree, Tree> = z.object({
  name: z.string(),
  get children() {
    return z.array(tree);
  },
});
message('zod.recursive', tree);
// @ts-expect-error a Date becomes a string on the wire, and z.date() refuses strings
message('zod.date', z.object({ at: z.date() }));
// @ts-expect-error the output is a number, the input a string
message('zod.transform', z.object({ n: z.string().transform(Number) }));
// @ts-expect-error a bigint has no JSON form
message('zod.bigint', z.object({ n: z.bigint() }));
// @ts-expect-error a Map has no JSON form
message('zod.map', z.object({ n: z.map(z.string(), z.string()) }));
// @ts-expect-error bytes have no JSON form
message('zod.bytes', z.object({ n: z.instanceof(Uint8Array) }));

// valibot
const Weighed = message('valibot.weighed', v.object({ grams: v.number(), unit: v.optional(v.string(), 'g') }));
same<Equal<PayloadOf<typeof Weighed>, { grams: number; unit: string }>>();
same<Equal<InputOf<typeof Weighed>, { grams: number; unit?: string | undefined }>>();
message(
  'valibot.iso',
  v.object({
    at: v.pipe(
      v.string(),
      v.isoTimestamp(),
      v.transform((text) => new Date(text)),
    ),
  }),
);
// @ts-expect-error a Date becomes a string on the wire, and v.date() refuses strings
message('valibot.date', v.object({ at: v.date() }));
// @ts-expect-error the output is a number, the input a string
message('valibot.transform', v.object({ n: v.pipe(v.string(), v.transform(Number)) }));
// @ts-expect-error a bigint has no JSON form
message('valibot.bigint', v.object({ n: v.bigint() }));

// arktype
const Measured = message('arktype.measured', type({ metres: 'number', unit: "string = 'm'" }));
same<Equal<PayloadOf<typeof Measured>, { metres: number; unit: string }>>();
same<Equal<InputOf<typeof Measured>, { metres: number; unit?: string }>>();
message('arktype.iso', type({ at: 'string.date.iso.parse' }));
// @ts-expect-error a Date becomes a string on the wire, and Date refuses strings
message('arktype.date', type({ at: 'Date' }));
// @ts-expect-error the output is a number, the input a string
message('arktype.parse', type({ n: 'string.numeric.parse' }));
// @ts-expect-error a bigint has no JSON form
message('arktype.bigint', type({ n: 'bigint' }));

// A reply travels as a message does.
message('reply.iso', z.object({}), { reply: z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }) });
// @ts-expect-error a Date becomes a string on the wire, and z.date() refuses strings
message('reply.date', z.object({}), { reply: z.object({ at: z.date() }) });
// @ts-expect-error a bigint has no JSON form
message('reply.bigint', v.object({}), { reply: v.object({ n: v.bigint() }) });

// A codec of its own lifts JSON's limits, but a reply is always JSON.
message('codec.all', z.object({ at: z.date(), n: z.bigint() }), { codec, reply: z.object({ at: z.iso.datetime() }) });
// @ts-expect-error a Date becomes a string on the wire, and z.date() refuses strings
message('codec.reply', z.object({ at: z.date() }), { codec, reply: z.object({ at: z.date() }) });

// Options.
message('key.ok', z.object({ id: z.string() }), { key: (payload) => payload.id });
// @ts-expect-error the payload has no such field
message('key.field', z.object({ id: z.string() }), { key: (payload) => payload.nope });
// @ts-expect-error a key is a string
message('key.type', z.object({ id: z.number() }), { key: (payload) => payload.id });
// @ts-expect-error not a Standard Schema
message('schema.none', { id: 'string' });
// @ts-expect-error no such option
message('option.none', z.object({ id: z.string() }), { replay: z.object({}) });
