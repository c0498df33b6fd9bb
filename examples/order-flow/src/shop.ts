import 'reflect-metadata';
import { Container } from 'inversify';
import { CardGateway } from './card-gateway.js';
import { Checkout } from './checkout.js';
import { CustomerCare } from './customer-care.js';
import { Mailer } from './mailer.js';
import { Notification } from './notification.js';
import { Payment } from './payment.js';
import { Pricing } from './pricing.js';
import { Shipping } from './shipping.js';
import { Tracking } from './tracking.js';
import { TrackingBoard } from './tracking-board.js';

/** Every class that consumes or sends. Here they are one process; each could be a service of its own. */
export const classes = [Checkout, Pricing, Payment, Shipping, Notification, Tracking, CustomerCare];

/** The container with what these classes are given. Their producers are bound by `createApp`. */
export function container(): Container {
  const made = new Container({ defaultScope: 'Singleton' });
  made.bind(CardGateway).toSelf();
  made.bind(Mailer).toSelf();
  made.bind(TrackingBoard).toSelf();
  made.bind(Checkout).toSelf();
  return made;
}
