import { Consumer, exponential, perInstance } from '@omnibus/core';
import { GetQuote, OrderPlaced, Orders, ParcelBooked, ParcelLost, Parcels, Ticks } from './contracts.js';

@Consumer(Parcels)
export class Fine {}
@Consumer(Parcels, { concurrency: 8, window: 64, retry: exponential(), deadLetter: 'lost', handlerTimeoutMs: 1_000 })
export class All {}
@Consumer(Parcels, { scope: 'message', exclusive: true })
export class Scoped {}
@Consumer(Parcels, { scope: 'singleton', ignore: [GetQuote] })
export class Ignoring {}
@Consumer(Orders, { group: 'shipping' })
export class Grouped {}
@Consumer(Orders, { group: perInstance })
export class Cache {}
@Consumer(Ticks, { group: 'audit', from: 'first' })
export class First {}
@Consumer(Ticks, { group: 'audit', from: 'next' })
export class Next {}
@Consumer(Ticks, { group: 'audit', from: new Date(0) })
export class Since {}
@Consumer(Ticks, { group: perInstance, from: { position: '42' } })
export class Position {}

// @ts-expect-error a topic needs a group
@Consumer(Orders, {})
export class NoGroup {}
// @ts-expect-error a topic needs options
@Consumer(Orders)
export class NoOptions {}
// @ts-expect-error a queue has no groups
@Consumer(Parcels, { group: 'shipping' })
export class GroupOnQueue {}
// @ts-expect-error a queue gives each message to one instance
@Consumer(Parcels, { group: perInstance })
export class PerInstanceOnQueue {}
// @ts-expect-error a group is a name or perInstance
@Consumer(Orders, { group: true })
export class GroupOfWhat {}

// @ts-expect-error a stream needs `from`
@Consumer(Ticks, { group: 'audit' })
export class NoFrom {}
// @ts-expect-error a stream needs a group
@Consumer(Ticks, { from: 'first' })
export class NoStreamGroup {}
// @ts-expect-error a queue has no positions
@Consumer(Parcels, { from: 'first' })
export class FromOnQueue {}
// @ts-expect-error a topic has no positions
@Consumer(Orders, { group: 'shipping', from: 'first' })
export class FromOnTopic {}
const withFrom = { from: 'first' as const };
// @ts-expect-error nor by a variable
@Consumer(Parcels, withFrom)
export class FromByVariable {}
// @ts-expect-error no such beginning
@Consumer(Ticks, { group: 'audit', from: 'last' })
export class FromLast {}

// @ts-expect-error no such scope
@Consumer(Parcels, { scope: 'request' })
export class RequestScope {}
// @ts-expect-error the queue does not carry it
@Consumer(Parcels, { ignore: [ParcelLost] })
export class IgnoresOther {}
// @ts-expect-error types, not their names
@Consumer(Parcels, { ignore: ['quote.get'] })
export class IgnoresName {}
// @ts-expect-error what a group of a topic does not handle is not for it
@Consumer(Orders, { group: 'shipping', ignore: [OrderPlaced] })
export class IgnoresOnTopic {}
// @ts-expect-error no such option
@Consumer(Parcels, { retries: 3 })
export class NoSuchOption {}
// @ts-expect-error a policy is whole: exponential({ attempts: 3 })
@Consumer(Parcels, { retry: { attempts: 3 } })
export class HalfPolicy {}
// @ts-expect-error a dead-letter channel is named
@Consumer(Parcels, { deadLetter: Orders })
export class DeadLetter {}
// @ts-expect-error channels are made by queue(), topic() or stream()
@Consumer('parcels')
export class ByName {}
export class Member {
  // @ts-expect-error a class is a consumer, not a method
  @Consumer(Parcels) method() {}
}
void ParcelBooked;
