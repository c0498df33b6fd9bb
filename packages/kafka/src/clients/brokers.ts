import { kafkaError } from '../errors.js';

const SHAPE = /^[^\s@/]+:\d{1,5}$/;

/** `host:port` of every broker that is named. Throws CONFIG for what is none; what stood there is not shown, as it may hold a password. */
export function brokersOf(url: readonly string[]): readonly string[] {
  const brokers = url
    .flatMap((each) => each.split(','))
    .map((each) =>
      each
        .trim()
        .replace(/^kafka:\/\//, '')
        .replace(/\/$/, ''),
    )
    .filter((each) => each !== '');
  const wrong = brokers.findIndex((each) => !SHAPE.test(each));
  if (wrong !== -1) {
    const login = brokers[wrong]?.includes('@') === true ? ', and a login is the options username and password' : '';
    const which = `broker ${wrong + 1} of ${brokers.length} in the option 'url'`;
    throw kafkaError(
      'CONFIG',
      `${which} is not host:port, as in b-1.example.com:9092; of schemes only kafka:// is taken${login}`,
    );
  }
  if (brokers.length === 0) throw kafkaError('CONFIG', "the option 'url' names no broker; it looks like b-1.example.com:9092");
  return brokers;
}
