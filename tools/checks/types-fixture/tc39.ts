// Each decorator once, where TC39 decorators may stand as well. Prints what each of them throws; test/decorators.test.mjs
// compiles it without `experimentalDecorators`.
import { Consumer, Handle, message, type Producer, queue } from '@omnibus/core';
import { InjectProducer, Publish } from '@omnibus/core/inversify';
import { z } from 'zod';

const ParcelBooked = message('parcel.booked', z.object({ orderId: z.string() }));
const Parcels = queue('parcels', { messages: [ParcelBooked] });

const uses = {
  '@Consumer': () => {
    @Consumer(Parcels)
    class Depot {}
    return Depot;
  },
  '@Handle': () => {
    class Depot {
      @Handle(ParcelBooked) async book() {}
    }
    return Depot;
  },
  '@InjectProducer': () => {
    class Checkout {
      @InjectProducer(Parcels) readonly parcels!: Producer<typeof Parcels>;
    }
    return Checkout;
  },
  '@Publish': () => {
    class Checkout {
      @Publish(Parcels, ParcelBooked) async book() {
        return { orderId: 'a' };
      }
    }
    return Checkout;
  },
};

const thrown = Object.entries(uses).map(([name, use]) => {
  try {
    use();
    return [name, 'nothing'];
  } catch (error) {
    return [name, String(error)];
  }
});
console.log(JSON.stringify(Object.fromEntries(thrown)));
