export { producerToken } from '../api/tokens.js';
