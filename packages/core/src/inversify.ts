// Entry "@omnibus/core/inversify": injection and publishing by decorators. Needs inversify and reflect-metadata.

export { type InjectDecorator, InjectProducer } from './inversify/inject-producer.js';
export { Publish, type PublishOptions } from './inversify/publish.js';
export { producerToken } from './inversify/token.js';
