// Entry "@omnibus/s3": the store of large payloads.

export { s3Store } from './s3-store.js';
export type { AwsCredentials, S3StoreOptions } from './store-options.js';
