import type { Entry } from './scenario.js';
import { from1to30 } from './scenarios/index-01-30.js';
import { from31to60 } from './scenarios/index-31-60.js';
import { from61to90 } from './scenarios/index-61-90.js';

/** All checks, in order of their numbers. */
export const checks: readonly Entry[] = [...from1to30, ...from31to60, ...from61to90];
