/** Entry `connections/cdk` of the package. */
export type { Builds } from './builds.ts';
export { Connections, type ConnectionsProps } from './connections.ts';
export type { ExistingParts, FunctionNetwork } from './existing-parts.ts';
export { SettingsError, type SettingsInput } from './settings.ts';
