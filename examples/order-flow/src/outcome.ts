import type { Container } from 'inversify';
import { CustomerCare } from './customer-care.js';
import { Mailer } from './mailer.js';
import type { Order } from './orders.js';
import { PLACES } from './shipping.js';
import { TrackingBoard } from './tracking-board.js';

/** What has become of orders, as the shop's own services know it. */
export interface Outcome {
  /** What is still to come, in words; empty = nothing. */
  readonly missing: () => string;
  /** Whether every parcel made its steps in order. */
  readonly isOrderKept: boolean;
  /** Parcels that this is said of. */
  readonly keys: number;
}

const STEPS = PLACES.map((_, index) => index + 1);

export function outcome(orders: readonly Order[], services: Container): Outcome {
  const paid = orders.filter(({ isPaid }) => isPaid);
  const lost = orders.filter(({ isPaid }) => !isPaid);
  const { mails } = services.get(Mailer);
  const { steps } = services.get(TrackingBoard);
  const { cases } = services.get(CustomerCare);
  return {
    missing() {
      const open = {
        'without a mail': paid.filter(({ orderId }) => !mails.has(orderId)),
        'not delivered': paid.filter(({ orderId }) => steps.get(orderId)?.length !== STEPS.length),
        'lost without a case': lost.filter(({ orderId }) => !cases.has(orderId)),
      };
      const said = Object.entries(open).map(([what, { length }]) => (length === 0 ? '' : `${length} ${what}`));
      return said.filter((each) => each !== '').join(', ');
    },
    keys: paid.length,
    get isOrderKept() {
      return paid.every(({ orderId }) => steps.get(orderId)?.every((step, index) => step === STEPS[index]));
    },
  };
}
