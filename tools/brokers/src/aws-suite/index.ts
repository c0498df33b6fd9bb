export { faultHarness } from './broken-aws.js';
export { conformanceHarness } from './controls.js';
export type { AwsReach, AwsSubject } from './subject.js';
