import { Logger } from '@aws-lambda-powertools/logger';
import { lazy } from './lazy.ts';

/**
 * The log of a function: JSON lines. What goes in is chosen field by field; requests, answers and messages are
 * never logged whole.
 */
export const logger = lazy(() => new Logger());
