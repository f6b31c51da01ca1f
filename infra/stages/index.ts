import type { SettingsInput } from '../settings.ts';
import { dev } from './dev.ts';
import { prod } from './prod.ts';

/** Every stage that can be deployed, by the name that `-c stage=` picks it by. */
export const stages = { dev, prod } satisfies Record<string, SettingsInput>;
