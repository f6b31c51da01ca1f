import type { Capability, CapabilityPorts } from '../contract/capabilities.ts';

/** Production implementations of capabilities: a factory of the ports of each. */
export type Wiring<C extends Capability = Capability> = {
  readonly [K in C]: () => CapabilityPorts[K];
};

/**
 * Creates the ports of several capabilities. Groups that more than one capability provides are merged.
 *
 * The compiler cannot follow a loop over capabilities, so the caller names the type `P`; its own signature must require
 * a wiring with these capabilities.
 *
 * @throws Error for a capability that the wiring lacks.
 */
export function createPorts<P>(capabilities: readonly Capability[], wiring: object): P;
export function createPorts(
  capabilities: readonly Capability[],
  wiring: Partial<Record<Capability, () => object>>,
): object {
  const ports: Record<string, object> = {};
  for (const capability of capabilities) {
    const create = wiring[capability];
    if (!create) throw new Error(`No wiring for the capability ${capability}.`);
    for (const [group, port] of Object.entries(create())) ports[group] = { ...ports[group], ...port };
  }
  return ports;
}
