import { parseArgs } from 'node:util';

export const HELP = `Runs a small shop (checkout, payment, shipping, notification, tracking) on one broker after another.
The code is the same each time; one line of omnibus.yaml differs.

  npm start                             in memory, then on SNS and SQS: OMNIBUS_AWS_URL, else an emulator
  npm start -- --transport rabbitmq     on RabbitMQ: OMNIBUS_RABBITMQ_URL, else one that is started for the run
  npm start -- --transport kafka        on Kafka: OMNIBUS_KAFKA_URL, else one that is started for the run
  npm start -- --help

The code is in examples/order-flow/src: contracts.ts first, then checkout.ts, payment.ts, shipping.ts, tracking.ts.`;

/** What the command line asks for. @throws TypeError for what it does not know. */
export function options(args: readonly string[]): { readonly help: boolean; readonly transport: string | undefined } {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' }, transport: { type: 'string', short: 't' } },
  });
  return { help: values.help ?? false, transport: values.transport ?? process.env['OMNIBUS_TRANSPORT'] };
}
