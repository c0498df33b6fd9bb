// Entry "@omnibus/s3": the store of large payloads.
export type { AwsCredentials, S3StoreOptions } from './options.js';
export { s3Store } from './s3-store.js';
